# The droplet's inside, over ssh.

# Sets ssh, the command with its options, and ssh_target. A droplet is known by its id: a later one at the
# same address is not taken for it.
function machine_address
    set -gu ssh_target root@$droplet_address
    set -l port 22
    if test -n "$SSH_TARGET"
        set -l parts (string split : -- $SSH_TARGET)
        set -gu ssh_target $parts[1]
        test -n "$parts[2]"; and set port $parts[2]
    end
    set -gu ssh ssh -F /dev/null -i $SSH_KEY -p $port -o BatchMode=yes -o IdentitiesOnly=yes \
        -o HostKeyAlias=droplet-$droplet_id -o UserKnownHostsFile=$vault/known_hosts -o GlobalKnownHostsFile=/dev/null \
        -o StrictHostKeyChecking=accept-new -o HashKnownHosts=no -o UpdateHostKeys=no \
        -o ConnectTimeout=10 -o ServerAliveInterval=15 -o ServerAliveCountMax=4 -o LogLevel=ERROR
end

function machine_wait
    machine_address
    say "machine: waiting until $ssh_target answers by ssh"
    set -gu machine_denials 0
    wait_for "machine: $ssh_target has to answer by ssh" machine_answers
end

function machine_answers
    command $ssh $ssh_target true </dev/null >/dev/null 2>$scratch/trouble; and return
    set -l trouble (command cat $scratch/trouble)
    set -gu why (shown $trouble)
    if string match --quiet --regex 'HOST IDENTIFICATION HAS CHANGED|Host key verification failed' -- $trouble
        set -gu why "its host key is not the one of before: somebody may stand between, or the droplet was rebuilt. Where you know that it was: ssh-keygen -R droplet-$droplet_id -f $vault/known_hosts"
        return 2
    end
    string match --quiet '*timed out*' -- $trouble
    and set -gu why "$why; is the address that you come from in SSH_FROM?"
    if string match --quiet '*Permission denied*' -- $trouble
        # A new machine may answer before it has its keys.
        set -gu machine_denials (math $machine_denials + 1)
        if test $machine_denials -ge 12
            set -gu why "it does not take the key $SSH_KEY: $why. A droplet gets its keys when it is created; add this one to its /root/.ssh/authorized_keys by the panel's console"
            return 2
        end
    end
    return 1
end

# Sends the code of HEAD, and then the service's settings and the word to set itself up.
# What arrives stands beside what is there until all of it has come: a run that breaks off changes nothing.
function machine_set_up
    set -l commit (command git -C $root rev-parse --short HEAD)
    set -l part /opt/oven/incoming.$commit.(random 100000 999999)
    say "machine: sending $commit"
    command git -C $root -c tar.umask=0022 archive --format=tar HEAD \
        | command $ssh $ssh_target "set -e; mkdir -p /opt/oven; mkdir -m 700 $part; tar -x -C $part -f -"
    set -l ends $pipestatus
    if test "$ends" != '0 0'
        complain "machine: the code did not arrive (git archive ended with $ends[1], ssh with $ends[2]); run this again"
        return 1
    end
    set -l size (math (command wc -c <$vault/.env))
    set -l from (string join , -- $SSH_FROM)
    say 'machine: setting up'
    # The settings come by the standard input alone, and stay in a file only as long as setup runs.
    machine_run "
        env=$part.env
        trap 'rm -rf $part \$env' EXIT
        trap 'exit 1' HUP INT TERM
        (umask 077; cat >\$env)
        [ \"\$(wc -c <\$env)\" -eq $size ] || { echo 'the settings did not arrive whole' >&2; exit 1; }
        rm -rf /opt/oven/incoming
        mv $part /opt/oven/incoming
        find /opt/oven -maxdepth 1 -name 'incoming.*' -mmin +60 -exec rm -rf {} +
        ! command -v cloud-init >/dev/null || timeout 300 cloud-init status --wait >/dev/null 2>&1 || true
        /opt/oven/incoming/setup.sh server --domain '$DOMAIN' --env \$env --ssh-from '$from' 9>&-" <$vault/.env
    or return
    did machine "set up with $commit"
end

function machine_roll_back
    say 'machine: going back to the previous release'
    machine_run "
        [ -x /opt/oven/current/setup.sh ] || { echo 'nothing was deployed here yet' >&2; exit 1; }
        /opt/oven/current/setup.sh server --rollback 9>&-" </dev/null
    or return
    did machine 'back at the previous release'
end

# Asks Caddy to try for its certificate at once: where it tried before the name was there it waits for minutes.
function machine_hurry
    test -n "$record_was_changed"; or return 0
    machine_run 'systemctl restart caddy' </dev/null
end

# Runs a script there with our standard input, one run of any operator at a time; its output is ours.
function machine_run --argument-names script
    command $ssh $ssh_target "set -e; exec 9>/opt/oven/.deploy.lock
        flock -n 9 || { echo 'another deployment is under way on this machine' >&2; exit 1; }
        $script"
    set -l ended $status
    switch $ended
        case 0
            return
        case 255
            complain 'machine: the connection broke; what was begun there may go on. Run this again: it ends what is half'
        case '*'
            complain "machine: it failed there (exit status $ended), for the reason above; run this again when it is put right"
    end
    return 1
end
