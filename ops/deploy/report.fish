# What a run says: each line once, to whom it is meant for; and what it did, for the end.

set -g done

function say
    printf 'deploy: %s\n' "$argv"
end

# What may be right and should be known.
function warn
    printf 'deploy: note: %s\n' "$argv" >&2
end

# What is wrong, which, and what would be right.
function complain
    printf 'deploy: %s\n' "$argv" >&2
end

# Says what was done with a thing (created, updated, unchanged …) and keeps it for the end.
function did --argument-names thing what
    say "$thing: $what"
    set -ga done "$thing: $what"
end

# Others' text as it may be shown: in one line, short, without control characters and without our tokens.
function shown
    set -l text (string join ' ' -- $argv | string replace --all --regex '[[:cntrl:]]+' ' ' | string join ' ')
    for secret in $DO_TOKEN $CLOUDFLARE_API_TOKEN
        # What stands in place of a token may be short, and a part of other words.
        test (string length -- $secret) -ge 8; or continue
        set text (string replace --all -- $secret '***' $text)
    end
    string shorten --max 300 -- (string trim -- $text)
end
