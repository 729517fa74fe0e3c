# The A record of the domain at Cloudflare, found by its type and name; and what a resolver says of it.

# Sets record_id, empty where there is none, record_content, record_proxied and record_ttl.
function record_look
    set -gu record_id
    set -gu record_content
    set -gu record_proxied
    set -gu record_ttl
    request cloudflare "looking for the records of $DOMAIN" GET "/zones/$CLOUDFLARE_ZONE_ID/dns_records?name=$DOMAIN&per_page=100"
    set -l outcome $status
    test $outcome = 3; and complain "looking for the records of $DOMAIN: cloudflare answered 404: $(api_said cloudflare); is CLOUDFLARE_ZONE_ID the zone's?"
    test $outcome = 0; or return 1
    answer --compact-output --arg name $DOMAIN '.result[]? | select(.name == $name)' >$scratch/records
    for kind in AAAA CNAME
        set -l other (command jq --raw-output --arg kind $kind 'select(.type == $kind).content' <$scratch/records)
        test -n "$other"; or continue
        complain "DNS: $DOMAIN has a record $kind ($(shown $other)), which would lead clients elsewhere; remove it at Cloudflare if this Oven is to have the name"
        return 1
    end
    set -l ids (command jq --raw-output 'select(.type == "A").id' <$scratch/records)
    if test (count $ids) -gt 1
        complain "DNS: $DOMAIN has $(count $ids) A records ($(shown (command jq --raw-output 'select(.type == "A").content' <$scratch/records))); remove all but one at Cloudflare"
        return 1
    end
    test -n "$ids"; or return 0
    command jq 'select(.type == "A")' <$scratch/records >$scratch/record
    record_read
end

function record_read
    set -gu record_id (command jq --raw-output .id <$scratch/record)
    set -gu record_content (command jq --raw-output .content <$scratch/record)
    set -gu record_proxied (command jq --raw-output .proxied <$scratch/record)
    set -gu record_ttl (command jq --raw-output .ttl <$scratch/record)
end

# Whether the record leads to the droplet as it should, but for being proxied: that comes last.
function record_is_right
    test -n "$record_id" -a "$record_content" = "$droplet_address"; or return
    test $record_proxied = true; and test $CLOUDFLARE_PROXIED = true; and return
    test $record_proxied = false -a $record_ttl = 1
end

# Makes the record lead to the droplet itself: Caddy gets its certificate through it.
function record_make
    if record_is_right
        did DNS "unchanged: $DOMAIN is $record_content"
        return
    end
    set -gu record_was_changed yes
    set -l before $record_content
    record_write false; or return
    test -n "$before"; and did DNS "updated: $DOMAIN is $droplet_address (was $before)"
    or did DNS "created: $DOMAIN is $droplet_address"
end

function record_write --argument-names is_proxied
    set -l records /zones/$CLOUDFLARE_ZONE_ID/dns_records
    set -l wanted (command jq --null-input --compact-output --arg name $DOMAIN --arg content $droplet_address \
        --argjson proxied $is_proxied '{type: "A", name: $name, content: $content, ttl: 1, proxied: $proxied}')
    set -l outcome
    if test -n "$record_id"
        request cloudflare "updating the A record of $DOMAIN" PATCH $records/$record_id $wanted
        set outcome $status
        test $outcome = 3; and complain "DNS: the record of $DOMAIN went away meanwhile; run this again"
    else
        request cloudflare "creating the A record of $DOMAIN" POST $records $wanted
        set outcome $status
        test $outcome = 3; and complain "creating the A record of $DOMAIN: cloudflare answered 404: $(api_said cloudflare)"
        if test $outcome = 2
            found_after_all DNS record_look record_id
            return
        end
    end
    test $outcome = 0; or return 1
    answer --compact-output .result >$scratch/record
    record_read
end

# The last step: only now may Cloudflare stand before it.
function record_proxy
    test $CLOUDFLARE_PROXIED = true -a "$record_proxied" = false; or return 0
    record_write true; or return
    did DNS "proxied by Cloudflare: $DOMAIN"
    dns_wait; and health_wait
    and return
    complain '  behind the proxy, the encryption mode of the zone (SSL/TLS at Cloudflare) has to be Full (strict)'
    return 1
end

function dns_wait
    say "DNS: waiting until $DOMAIN is seen"
    wait_for "DNS: a resolver has to see $DOMAIN" dns_is_seen
end

# Sets dns_address to an address under which the domain is reached.
function dns_is_seen
    set -gu dns_address
    set -l code (command curl --disable --silent --show-error --connect-timeout 15 --max-time 30 \
        --header 'Accept: application/dns-json' --output $scratch/answer --write-out '%{http_code}' \
        "$RESOLVER?name=$DOMAIN&type=A" 2>$scratch/trouble)
    if test $status != 0
        set -gu why "RESOLVER was not reached: $(shown (command cat $scratch/trouble))"
        return 1
    end
    set -l addresses (answer '.Answer[]? | select(.type == 1).data')
    set -gu why "RESOLVER answered $code with '$(shown $addresses)'"
    test $code = 200; or return 1
    # Behind the proxy it is one of Cloudflare's.
    if test "$record_proxied" = true
        set -gu dns_address $addresses[1]
    else if contains -- $droplet_address $addresses
        set -gu dns_address $droplet_address
    end
    test -n "$dns_address"
end
