# The vault's deploy.env and .env: read, and checked whole before anything is asked or changed.

# What may stand in deploy.env, each with its default.
set -g settings_defaults \
    DO_TOKEN= DROPLET_NAME= DROPLET_SIZE=s-2vcpu-2gb DROPLET_IMAGE=ubuntu-24-04-x64 DROPLET_REGION= \
    CLOUDFLARE_EMAIL= CLOUDFLARE_API_TOKEN= CLOUDFLARE_ZONE_ID= CLOUDFLARE_PROXIED=true \
    DOMAIN= SSH_KEY=~/.ssh/oven-deploy-key SSH_FROM= \
    DO_API=https://api.digitalocean.com/v2 CLOUDFLARE_API=https://api.cloudflare.com/client/v4 \
    RESOLVER=https://cloudflare-dns.com/dns-query SSH_TARGET= HEALTH_URL= POLL_S=5 WAIT_S=900

# Reads both files of the vault into globals, none of them exported, and says all mistakes at once.
function settings_read
    set -gu mistakes
    for file in $vault/deploy.env $vault/.env
        if not test -r $file -a -f $file
            set -a mistakes "$file is missing or cannot be read; ops/deploy.env.example and docs/operating.md say what stands in it"
        else if test -n "$(command find -L $file -maxdepth 0 \( -perm -040 -o -perm -004 \))"
            warn "$file can be read by others; it holds secrets: chmod 600 $file"
        end
    end
    if test -z "$mistakes"
        settings_read_deploy $vault/deploy.env
        settings_check
        settings_check_service $vault/.env
    end
    test -z "$mistakes"; and return
    complain "nothing was asked or changed; $(count $mistakes) to put right first:"
    printf '  %s\n' $mistakes >&2
    return 1
end

function settings_read_deploy --argument-names file
    dotenv_read $file
    set -a mistakes $dotenv_mistakes
    set -l known
    for default in $settings_defaults
        set -l parts (string split --max 1 = -- $default)
        set -a known $parts[1]
        set -l value (dotenv_value $parts[1])
        test -n "$value"; or set value $parts[2]
        set -gu $parts[1] "$value"
    end
    for name in $dotenv_names
        contains -- $name $known; and continue
        set -l near (settings_near $name $known)
        set -a mistakes "deploy.env: $name means nothing"(test -n "$near"; and echo "; is it $near?"; or echo '; is it meant for .env?')
    end
    set -gu SSH_KEY (string replace --regex '^~/' $HOME/ -- $SSH_KEY)
    set -gu SSH_FROM (string match --all --regex '[^,\s]+' -- $SSH_FROM)
    set -gu DO_API (string trim --right --chars / -- $DO_API)
    set -gu CLOUDFLARE_API (string trim --right --chars / -- $CLOUDFLARE_API)
end

# Prints the known name that shares the most pairs of letters with this one, where that is most of them.
function settings_near --argument-names name
    command jq --null-input --raw-output '
        def pairs: [range(0; length - 1) as $at | .[$at:$at + 2]];
        def nearness($a; $b): 2 * ($a - ($a - $b) | length) / (($a | length) + ($b | length) + 0.001);
        ($ARGS.positional[0] | ascii_upcase | pairs) as $meant
        | [$ARGS.positional[1:][] | {name: ., near: nearness($meant; pairs)}] | max_by(.near)
        | select(.near > 0.6).name' --args $argv
end

# Notes a mistake unless the value of a name has the shape that is asked for.
function settings_shape --argument-names name pattern right
    set -l value "$$name"
    if test -z "$value"
        set -a mistakes "deploy.env: $name is missing; it is $right"
    else if string match --quiet --regex '^(\.\.\.|…)' -- $value
        set -a mistakes "deploy.env: $name is still the example's '...'; it is $right"
    else if not string match --quiet --regex "^(?:$pattern)\$" -- $value
        # A token may stand where an id belongs.
        string match --quiet --regex 'TOKEN|ZONE_ID' -- $name; or set right "$right; not '$(shown $value)'"
        set -a mistakes "deploy.env: $name is $right"
    end
end

function settings_check
    set -l label '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'
    set -l safe_url 'https://[^\s"\\\\@]+|http://(?:127\.[0-9.]+|localhost|\[::1\])[^\s"\\\\@]*'
    settings_shape DO_TOKEN '[A-Za-z0-9_.-]+' "DigitalOcean's API token, with read and write: API, Tokens in its panel"
    settings_shape DROPLET_NAME '[A-Za-z0-9][A-Za-z0-9.-]{1,62}' "a host's name, such as oven-aesthetic-computer"
    settings_shape DROPLET_SIZE '[a-z0-9_]+(-[a-z0-9_]+)*' 'the slug of a size, such as s-2vcpu-2gb'
    settings_shape DROPLET_IMAGE '(ubuntu-24-04|debian-12)-x64' 'ubuntu-24-04-x64 or debian-12-x64'
    settings_shape DROPLET_REGION '[a-z]{3}[0-9]' 'the slug of a region, such as sfo3'
    settings_shape CLOUDFLARE_API_TOKEN '[A-Za-z0-9_.-]+' "Cloudflare's API token, with Zone.DNS edit for the zone"
    settings_shape CLOUDFLARE_ZONE_ID '[0-9a-f]{32}' "32 hex digits, on the zone's overview at Cloudflare"
    settings_shape CLOUDFLARE_PROXIED 'true|false' 'true or false'
    settings_shape DOMAIN "(?=.{4,253}\$)(?:$label\\.)+[a-z]{2,63}" 'a name in small letters, such as oven.aesthetic.computer, without https://'
    settings_shape SSH_KEY '/.+' 'a path that begins with / or ~/, the private key that opens the droplet'
    settings_shape DO_API $safe_url 'an https address'
    settings_shape CLOUDFLARE_API $safe_url 'an https address'
    settings_shape RESOLVER $safe_url 'an https address'
    settings_shape POLL_S '[0-9]+(\.[0-9]+)?' 'seconds between two looks'
    settings_shape WAIT_S '[1-9][0-9]{0,4}' 'seconds that a thing is waited for at most'
    test -z "$SSH_TARGET"; or settings_shape SSH_TARGET '[a-z_][a-z0-9_-]*@[A-Za-z0-9.-]+(:[0-9]+)?' user@host:port
    test -z "$HEALTH_URL"; or settings_shape HEALTH_URL 'https?://[^\s"\\\\@]+' 'an address'
    if test -z "$SSH_FROM"
        set -a mistakes 'deploy.env: SSH_FROM is missing; it is the addresses that you come from with ssh, such as 203.0.113.7 or 203.0.113.0/24; 0.0.0.0/0 and ::/0 are any'
    end
    for address in $SSH_FROM
        if string match --quiet --regex '^(\.\.\.|…)' -- $address
            set -a mistakes "deploy.env: SSH_FROM is still the example's '...'; it is the addresses that you come from with ssh"
            continue
        end
        settings_is_address $address
        or set -a mistakes "deploy.env: SSH_FROM has addresses or networks, such as 203.0.113.7, 203.0.113.0/24 or 2001:db8::/32; not '$(shown $address)'"
    end
    if contains -- 0.0.0.0/0 $SSH_FROM
        warn 'SSH_FROM lets everybody try port 22; list the addresses that you come from where you can'
    end
    if string match --quiet --regex '(^|-)1vcpu-|-(512mb|1gb)(-|$)|^(512mb|1gb)$' -- $DROPLET_SIZE
        warn "DROPLET_SIZE=$DROPLET_SIZE is small: Oven is made for 2 processors and 2 GB (s-2vcpu-2gb); the largest tapes will fail or be slow"
    end
end

# Whether this is an IPv4 or IPv6 address or network.
function settings_is_address --argument-names address
    set -l parts (string split / -- $address)
    test (count $parts) -le 2; or return
    set -l bits 32
    if string match --quiet --regex '^\d{1,3}(\.\d{1,3}){3}$' -- $parts[1]
        for number in (string split . -- $parts[1])
            test $number -le 255; or return
        end
    else
        set bits 128
        string match --quiet --regex '^(?!.*::.*::)(?!.*:::)(?=.*::|(?:[^:]+:){7}[^:]+$)[0-9a-fA-F:]{2,39}$' -- $parts[1]; or return
    end
    test (count $parts) = 1; and return
    string match --quiet --regex '^\d{1,3}$' -- $parts[2]; and test $parts[2] -le $bits
end

# Notes what would surely be wrong in the service's own settings; the machine checks each of them before it
# takes them on.
function settings_check_service --argument-names file
    dotenv_read $file
    set -a mistakes $dotenv_mistakes
    for name in $dotenv_names
        set -l value "$(dotenv_value $name)"
        if string match --quiet --regex '^(\.\.\.|…)' -- $value
            set -a mistakes ".env: $name is still the example's '...'; set it, or remove the line"
        else if string match --quiet '#*' -- $value
            set -a mistakes ".env: $name has a comment where its value should stand; set it, or remove the line"
        end
    end
    if test -z "$(dotenv_value CALLBACK_SECRET)"
        set -a mistakes '.env: CALLBACK_SECRET is missing; it is the secret that Oven and the site share: without it nobody outside may bake'
    end
    for group in AT_BLOBS_SPACES ART_SPACES DO_SPACES
        set -l parts BUCKET KEY SECRET
        test $group = DO_SPACES; and set parts KEY SECRET
        set -l missing
        for part in $parts
            test -n "$(dotenv_value {$group}_$part)"; or set -a missing {$group}_$part
        end
        if test (count $missing) -lt (count $parts) -a -n "$missing"
            set -a mistakes ".env: $(string join ' and ' $missing) missing, beside others of $group; set all of them, or none"
        else if test -n "$missing" -a $group = AT_BLOBS_SPACES
            warn '.env: AT_BLOBS_SPACES_* are not set, so results stay on the droplet alone'
        end
    end
end
