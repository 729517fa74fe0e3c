# DigitalOcean's firewall before the droplet, which has the droplet's name.

# Rules in one shape, however they were written.
set -g firewall_shape '
    def ports: if .protocol == "icmp" or .ports == "all" or .ports == "1-65535" then "0" else .ports end;
    def ends: with_entries(select((.value | length) > 0))
        | if .addresses then .addresses |= (map(ascii_downcase | sub("/(32|128)$"; "")) | unique) else . end;
    def rules($of; $side): [($of // [])[] | {protocol, ports: ports, ends: (.[$side] | ends)}] | sort;
    def shape: {in: rules(.inbound_rules; "sources"), out: rules(.outbound_rules; "destinations")};'

# Prints the rules that we want: 22 for those in SSH_FROM, the web for all, outwards everything.
function firewall_rules
    command jq --null-input --compact-output '
        ["0.0.0.0/0", "::/0"] as $any
        | {inbound_rules: [
            {protocol: "tcp", ports: "22", sources: {addresses: $ARGS.positional}},
            ({protocol: "tcp", ports: ("80", "443")}, {protocol: "udp", ports: "443"} | . + {sources: {addresses: $any}})],
          outbound_rules: [
            {protocol: ("icmp", "tcp", "udp"), ports: "0", destinations: {addresses: $any}}]}' --args $SSH_FROM
end

# Sets firewall_id, empty where there is none of that name, and firewall_differs, empty where it is as it
# should be, with the droplet behind it.
function firewall_look
    set -gu firewall_id
    set -gu firewall_differs yes
    find_named firewall; or return 1
    test -n "$found_id"; or return 0
    set -gu firewall_id $found_id
    command jq --exit-status --argjson wanted (firewall_rules) --arg droplet "$droplet_id" \
        "$firewall_shape"'shape == ($wanted | shape) and any(.droplet_ids[]?; tostring == $droplet)' <$scratch/firewall >/dev/null
    and set -gu firewall_differs
    return 0
end

function firewall_make
    if test -z "$firewall_differs"
        did firewall "unchanged: $DROPLET_NAME"
        return
    end
    if test -n "$firewall_id"
        # What is not said in a PUT is emptied, so other droplets and tags are said again.
        request digitalocean 'updating the firewall' PUT /firewalls/$firewall_id (command jq --compact-output \
            --argjson rules (firewall_rules) --argjson droplet $droplet_id \
            '$rules + {name, tags: (.tags // []), droplet_ids: ((.droplet_ids // []) + [$droplet] | unique)}' <$scratch/firewall)
        switch $status
            case 0
            case 3
                complain "firewall: $DROPLET_NAME went away meanwhile; run this again"
                return 1
            case '*'
                return 1
        end
        did firewall "updated: $DROPLET_NAME"
        return
    end
    request digitalocean 'creating the firewall' POST /firewalls (firewall_rules \
        | command jq --compact-output --arg name $DROPLET_NAME --argjson droplet $droplet_id '. + {name: $name, droplet_ids: [$droplet]}')
    switch $status
        case 0
            set -gu firewall_id (answer .firewall.id)
        case 2
            found_after_all firewall firewall_look firewall_id; or return
        case '*'
            return 1
    end
    did firewall "created: $DROPLET_NAME"
end
