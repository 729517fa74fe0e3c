# One run at a time in a vault: a link whose text is who holds it.

function lock_take
    set -g lock $vault/.deploy.lock
    set -l me $fish_pid@$hostname
    command ln -s $me $lock 2>/dev/null; and set -gu lock_is_mine yes; and return
    set -l holder (path basename -- "$(command readlink $lock)")
    if test -z "$holder"
        complain "$lock cannot be made; the vault has to be writable"
        return 1
    end
    set -l parts (string split --max 1 @ -- $holder)
    if test "$parts[2]" != $hostname
        or command ps -p "$parts[1]" -o args= 2>/dev/null | string match --quiet '*deploy.fish*'
        complain "another run is under way (process $parts[1] on $parts[2]); wait for it, or remove $lock where that is not so"
        return 1
    end
    # Its holder is dead. Only one of those who see that can move it away, and only that one link.
    command mv $lock $lock.$fish_pid 2>/dev/null
    set -l moved (command readlink $lock.$fish_pid)
    command rm -f $lock.$fish_pid
    if test "$moved" != "$holder"
        test -n "$moved"; and command ln -s $moved $lock
        complain "another run has just begun; wait for it"
        return 1
    end
    command ln -s $me $lock 2>/dev/null; and set -gu lock_is_mine yes; and return
    complain "another run has just begun; wait for it"
    return 1
end

function lock_give_back
    test -n "$lock_is_mine"; and command rm -f $lock
    set -gu lock_is_mine
end
