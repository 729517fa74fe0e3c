# Whether the service is healthy, seen from here as clients see it.

function health_url
    test -n "$HEALTH_URL"; and echo $HEALTH_URL; or echo https://$DOMAIN/health
end

function health_wait
    say "health: waiting for $(health_url)"
    wait_for "health: $(health_url) has to say that it is healthy" health_is_green
    and return
    complain "  look at the machine: $(string join ' ' -- $ssh $ssh_target) journalctl -u oven -u caddy -n 50"
    return 1
end

# To the address that the resolver gave: this machine's own may remember for long that there was none.
function health_is_green
    set -l url (health_url)
    set -l parts (string match --regex --groups-only '^(https?)://([^/:]+)(?::(\d+))?' -- $url)
    set -l port $parts[3]
    test -n "$port"; or set port (test $parts[1] = https; and echo 443; or echo 80)
    set -l code (command curl --disable --silent --show-error --connect-timeout 15 --max-time 30 \
        --resolve $parts[2]:$port:$dns_address --output $scratch/answer --write-out '%{http_code}' $url 2>$scratch/trouble)
    if test $status != 0
        set -gu why "it was not reached: $(shown (command cat $scratch/trouble))"
        return 1
    end
    set -gu why "it answered $code: $(shown (command cat $scratch/answer))"
    test $code = 200; and test "$(answer '.status?')" = healthy
end
