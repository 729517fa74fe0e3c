# One request to an API, with what goes wrong read from its status and its body.

# How often a request is tried that may be repeated, and how long an API may ask us to wait, in seconds.
set -g api_tries 5
set -g api_patience_s 60

# Sends a request of an API: `digitalocean` or `cloudflare`, what it is for, method, path, body.
# The answer is then read by `answer`. Gives
#   0  done
#   1  refused; the reason was said
#   2  a POST that may have been carried out or not; said. It is never sent twice: look first
#   3  there is no such thing (404); not said
function request --argument-names service what method path body
    set -l base $DO_API
    set -l token $DO_TOKEN
    test $service = cloudflare; and set base $CLOUDFLARE_API; and set token $CLOUDFLARE_API_TOKEN
    # A page's link is a whole address; the token goes nowhere else.
    set -l url $base$path
    if string match --quiet --regex '^https?://' -- $path
        set url $path
        if not string match --quiet "$base/*" -- $path; or string match --quiet --regex '[\s"\\\\]' -- $path
            complain "$what: $service points to another host for its next page: $(shown $path)"
            return 1
        end
    end
    # Through a pipe from the shell itself: what stands on a command line can be seen by everybody.
    set -l config \
        "url = \"$url\"" \
        "request = \"$method\"" \
        "header = \"Authorization: Bearer $token\"" \
        'header = "Accept: application/json"'
    if test -n "$body"
        set -l quoted (string replace --all -- \\ \\\\ $body | string replace --all -- \" \\\")
        set -a config 'header = "Content-Type: application/json"' "data = \"$quoted\""
    end
    set -l try
    set -l broke
    for try in (command seq $api_tries)
        test $try = 1; or command sleep (api_pause $try)
        : >$scratch/headers
        : >$scratch/answer
        set -gu http_status (printf '%s\n' $config | command curl --disable --silent --show-error --config - \
            --connect-timeout 15 --max-time 60 --output $scratch/answer --dump-header $scratch/headers \
            --write-out '%{http_code}' 2>$scratch/trouble)
        set broke $status
        if test $broke = 0
            if string match --quiet '2*' -- $http_status
                api_is_good $service; and return
                # A 2xx that is no answer of this API: something else stands between.
                complain "$what: $service answered $http_status, but $(api_said $service); is $base its address?"
                test $method = POST; and return 2
                return 1
            end
            test $http_status = 404; and return 3
            if string match --quiet --regex '^4(?!29)' -- $http_status
                break
            end
        end
        # Nothing of a 429 was carried out; of anything else a POST may have been.
        if test $method = POST; and test $broke != 0 -o "$http_status" != 429
            complain "$what: $(api_trouble $service $broke)"
            return 2
        end
    end
    set -l tried
    test $try = $api_tries; and set tried " (tried $api_tries times)"
    complain "$what: $(api_trouble $service $broke)$tried"
    complain "  $(api_advice $service $broke)"
    return 1
end

# Prints what the last answer holds, by a jq expression.
function answer
    command jq --raw-output $argv <$scratch/answer 2>/dev/null
end

# Whether the body of a 2xx is what this API gives.
function api_is_good --argument-names service
    switch $service
        case digitalocean
            test $http_status = 204; or answer --exit-status 'type == "object"' >/dev/null
        case cloudflare
            answer --exit-status 'type == "object" and .success == true' >/dev/null
    end
end

# Seconds until the next try: what the API asks for, or twice as long each time.
function api_pause --argument-names try
    set -l asked (string match --regex --groups-only '(?i)^retry-after:\s*(\d+)' <$scratch/headers)[-1]
    if test -n "$asked"
        math "min($asked, $api_patience_s)"
    else
        math "min($POLL_S * 0.4 * 2 ^ ($try - 2), $api_patience_s)"
    end
end

# What went wrong with the last request.
function api_trouble --argument-names service broke
    if test $broke != 0
        echo "$service was not reached, or broke off: $(shown (command cat $scratch/trouble))"
    else
        echo "$service answered $http_status: $(api_said $service)"
    end
end

# The API's own words, or what else it sent.
function api_said --argument-names service
    set -l words (answer '
        if type != "object" then empty
        elif .errors? then [.errors[] | [., .error_chain[]?] | .[] | "\(.message) (\(.code))"] | join("; ")
        elif .message? then "\(.id // "error"): \(.message)"
        elif .success? == false then "success is false, without a reason"
        else empty end')
    if test -n "$words"
        shown $words
    else if test -s $scratch/answer
        echo "it is not what this API says: $(shown (command cat $scratch/answer))"
    else
        echo 'nothing was said'
    end
end

# What to do about it.
function api_advice --argument-names service broke
    set -l token DO_TOKEN
    test $service = cloudflare; and set token CLOUDFLARE_API_TOKEN
    switch "$broke $http_status"
        case '0 400' '0 422' '0 409'
            echo 'what stands in deploy.env is not what it takes; put that right and run this again'
        case '0 401'
            echo "$token is wrong, has expired or was revoked: make a new one and put it into deploy.env"
        case '0 403'
            echo "$token may not do this; give it the rights, or make a new one (docs/operating.md)"
        case '0 429'
            echo 'it has had too many requests: run this again in some minutes; what was done is kept'
        case '0 5*'
            echo 'that is its own trouble: run this again later; what was done is kept'
        case '0 *'
            echo 'run this again; what was done is kept'
        case '*'
            echo 'look at the network and run this again; what was done is kept'
    end
end

# Calls a function that looks for a thing, after a POST whose answer was lost, until it gives 0: found.
# The POST is not sent again: a thing that is only slow to show would be there twice.
function found_after_all --argument-names thing look id
    say "$thing: looking whether it was made all the same"
    for try in (command seq 5)
        command sleep $POLL_S
        $look; or return
        test -n "$$id"; and return
    end
    complain "$thing: it is not there; run this again, which looks for it first"
    return 1
end

# Every item of a list of DigitalOcean, over all its pages, as JSON lines in the file that is named.
function every --argument-names what path key file
    : >$file
    set -l next "$path?per_page=200"
    while test -n "$next"
        request digitalocean $what GET $next
        set -l outcome $status
        test $outcome = 3; and complain "$what: digitalocean answered 404: $(api_said digitalocean); is DO_API its address?"
        test $outcome = 0; or return 1
        if not answer --exit-status --compact-output --arg key $key '.[$key] | arrays' >/dev/null
            complain "$what: the answer has no list of $key: $(shown (command cat $scratch/answer))"
            return 1
        end
        answer --compact-output --arg key $key '.[$key][]' >>$file
        set next (answer '.links.pages.next? // empty')
    end
end

# Looks for the droplet or the firewall that has the droplet's name: sets found_id, empty where there is none;
# all that is known of it stands in the file of $scratch that is named for the thing.
function find_named --argument-names thing
    set -gu found_id
    set -l list $scratch/"$thing"s
    every "looking for the $thing" /"$thing"s "$thing"s $list; or return 1
    command jq --compact-output --arg name $DROPLET_NAME 'select(.name == $name)' <$list >$scratch/$thing
    set -l ids (command jq --raw-output .id <$scratch/$thing)
    if test (count $ids) -gt 1
        complain "$thing: $(count $ids) are named $DROPLET_NAME (ids $(string join ', ' $ids)); remove or rename all but one"
        return 1
    end
    set -gu found_id $ids
end
