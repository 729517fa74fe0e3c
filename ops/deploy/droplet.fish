# The droplet, found by its name.

# Sets droplet_id, empty where there is none of that name, droplet_status and droplet_address.
function droplet_look
    set -gu droplet_id
    set -gu droplet_status
    set -gu droplet_address
    find_named droplet; or return 1
    test -n "$found_id"; or return 0
    droplet_read
    switch $droplet_status
        case active new
        case '*'
            complain "droplet: $DROPLET_NAME (id $droplet_id) is '$droplet_status'; turn it on in DigitalOcean's panel, and run this again"
            return 1
    end
end

function droplet_read
    set -gu droplet_id (command jq '.id' <$scratch/droplet)
    set -gu droplet_status (command jq --raw-output '.status' <$scratch/droplet)
    set -gu droplet_address (command jq --raw-output '[.networks.v4[]? | select(.type == "public").ip_address][0] // empty' <$scratch/droplet)
end

# Says where a droplet that is there is not what deploy.env asks for.
function droplet_compare
    for pair in 'DROPLET_SIZE .size_slug' 'DROPLET_REGION .region.slug' 'DROPLET_IMAGE .image.slug'
        set -l name (string split ' ' -- $pair)
        set -l has (command jq --raw-output "$name[2] // \"another\"" <$scratch/droplet)
        set -l wanted $name[1]
        test "$has" = "$$wanted"
        or warn "the droplet's is $has, $wanted is $$wanted; a droplet that is there is not changed: resize or replace it by hand"
    end
end

function droplet_make
    if test -n "$droplet_id"
        droplet_compare
        droplet_wait; or return
        did droplet "unchanged: $DROPLET_NAME (id $droplet_id), $droplet_address"
        return
    end
    say "droplet: creating $DROPLET_NAME ($DROPLET_SIZE, $DROPLET_IMAGE, $DROPLET_REGION)"
    request digitalocean 'creating the droplet' POST /droplets (command jq --null-input --compact-output \
        --arg name $DROPLET_NAME --arg size $DROPLET_SIZE --arg image $DROPLET_IMAGE --arg region $DROPLET_REGION \
        --argjson key $key_id '{name: $name, size: $size, image: $image, region: $region, ssh_keys: [$key],
            monitoring: true, tags: ["oven"]}')
    switch $status
        case 0
            answer --compact-output .droplet >$scratch/droplet
            droplet_read
        case 2
            found_after_all droplet droplet_look droplet_id; or return
        case '*'
            return 1
    end
    droplet_wait; or return
    did droplet "created: $DROPLET_NAME (id $droplet_id), $droplet_address"
end

function droplet_wait
    wait_for "droplet $DROPLET_NAME (id $droplet_id) has to be active" droplet_is_up
end

function droplet_is_up
    test "$droplet_status" = active -a -n "$droplet_address"; and return
    request digitalocean 'looking at the droplet' GET /droplets/$droplet_id
    switch $status
        case 0
            answer --compact-output .droplet >$scratch/droplet
            droplet_read
        case 3
            set -gu why "it is gone again: DigitalOcean could not make it; run this again"
            return 2
        case '*'
            set -gu why 'DigitalOcean does not answer rightly'
            return 2
    end
    set -gu why "it is '$droplet_status', its public address '$droplet_address'; look at it in DigitalOcean's panel"
    test "$droplet_status" = active -a -n "$droplet_address"
end
