# What a run would do, said without doing it.

function plan_tell
    if test -z "$key_fingerprint"
        plan 'SSH key' "make $SSH_KEY, and add it to the account"
    else
        plan 'SSH key' (test -n "$key_id"; and echo 'leave it as it is'; or echo "add $SSH_KEY to the account")
    end
    if test -n "$droplet_id"
        plan droplet "leave $DROPLET_NAME (id $droplet_id, $droplet_status, $droplet_address) as it is"
        droplet_compare
    else
        plan droplet "create $DROPLET_NAME: $DROPLET_SIZE, $DROPLET_IMAGE, $DROPLET_REGION"
        set -gu droplet_address 'its address'
    end
    if test -z "$firewall_differs"
        plan firewall "leave $DROPLET_NAME as it is"
    else
        plan firewall (test -n "$firewall_id"; and echo update; or echo create)" $DROPLET_NAME: 22 from $SSH_FROM, 80 and 443 from everywhere"
    end
    plan machine "send $(command git -C $root rev-parse --short HEAD) and .env, and set it up"
    if record_is_right
        plan DNS "leave $DOMAIN as it is ($record_content)"
    else if test -n "$record_id"
        plan DNS "update $DOMAIN from $record_content to $droplet_address"
    else
        plan DNS "create $DOMAIN as $droplet_address"
    end
    test $CLOUDFLARE_PROXIED = true
    and not begin
        record_is_right; and test $record_proxied = true
    end
    and plan DNS 'let Cloudflare stand before it, once it is healthy'
    plan health "wait for $(health_url)"
end

function plan --argument-names thing what
    say "would, for $thing: $what"
end
