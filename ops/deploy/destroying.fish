# Taking everything away again, but for the SSH key: what goes is shown first, and the droplet's name asked for.

function destroy
    droplet_look_anyhow; or return
    firewall_look; or return
    record_look_anyhow; or return
    set -l goes
    test -n "$record_id"; and set -a goes "the A record of $DOMAIN ($record_content)"
    test -n "$firewall_id"; and set -a goes "the firewall $DROPLET_NAME"
    test -n "$droplet_id"; and set -a goes "the droplet $DROPLET_NAME (id $droplet_id, $droplet_address)"
    if test -z "$goes"
        say 'nothing is there to destroy'
        return
    end
    printf 'This goes, for good:\n'
    printf '  %s\n' $goes
    test -n "$droplet_id"
    and printf 'With the droplet go its database, its keys, its backups and all files in /var/lib/oven.\n'
    printf 'The SSH key stays, and what lies in buckets. Type the name of the droplet to go on: '
    set -l name
    read --line name
    printf '\n'
    if test "$name" != "$DROPLET_NAME"
        complain 'that is not its name; nothing was changed'
        return 1
    end
    # The droplet last: by its address the record is known to be ours, also by the run that ends this one.
    test -z "$record_id"
    or destroy_one "the A record of $DOMAIN" cloudflare /zones/$CLOUDFLARE_ZONE_ID/dns_records/$record_id
    and begin
        test -z "$firewall_id"
        or destroy_one "the firewall $DROPLET_NAME" digitalocean /firewalls/$firewall_id
    end
    and begin
        test -z "$droplet_id"
        or destroy_one "the droplet $DROPLET_NAME" digitalocean /droplets/$droplet_id
    end
end

# Its state does not matter here.
function droplet_look_anyhow
    droplet_look 2>$scratch/said; and return
    test -n "$droplet_id"; and return
    command cat $scratch/said >&2
    return 1
end

# Only a record that leads to the droplet is ours to remove.
function record_look_anyhow
    if not record_look 2>$scratch/said
        if not test -e $scratch/records
            command cat $scratch/said >&2
            return 1
        end
        set -gu record_id
    end
    test -n "$record_id"; or return 0
    test -n "$droplet_address" -a "$record_content" = "$droplet_address"; and return
    warn "the A record of $DOMAIN is $record_content, which is not this droplet's address: it stays"
    set -gu record_id
end

function destroy_one --argument-names thing service path
    request $service "removing $thing" DELETE $path
    switch $status
        case 0
            did $thing removed
        case 3
            did $thing 'gone already'
        case '*'
            complain '  run this again: what is left goes then'
            return 1
    end
end
