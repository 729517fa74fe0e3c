# Waiting with an end.

# Calls a function every POLL_S seconds until it succeeds → 0; it gives 2 to end the waiting at once.
# `why`, a global that the function may set, says what was last in the way.
function wait_for --argument-names what look
    set -gu why
    set -l until (math (command date +%s) + $WAIT_S)
    while true
        $look
        set -l outcome $status
        test $outcome = 0; and return
        if test $outcome = 2
            complain "$what: $why"
            return 1
        end
        if test (command date +%s) -ge $until
            complain "$what: not so after $WAIT_S s; $why"
            return 1
        end
        command sleep $POLL_S
    end
end
