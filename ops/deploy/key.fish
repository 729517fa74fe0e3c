# The SSH key: a pair on this machine, its public half in the DigitalOcean account, found by its fingerprint.

# Sets key_fingerprint, empty where there is no pair yet, and key_id, empty where the account lacks it.
function key_look
    set -gu key_fingerprint
    set -gu key_id
    if not test -e $SSH_KEY
        test -e $SSH_KEY.pub; or return 0
        complain "SSH key: $SSH_KEY.pub is there without $SSH_KEY; bring the private key back, or name another as SSH_KEY"
        return 1
    end
    set -l line (command ssh-keygen -l -E md5 -f $SSH_KEY 2>&1 </dev/null)
    if not string match --quiet --regex '^\d+ MD5:(?<key_fingerprint>[0-9a-f:]{47}) ' -- $line
        complain "SSH key: $SSH_KEY cannot be read as a key: $(shown $line)"
        return 1
    end
    set -gu key_fingerprint $key_fingerprint
    request digitalocean 'looking for the SSH key' GET /account/keys/$key_fingerprint
    switch $status
        case 0
            set -gu key_id (answer '.ssh_key.id // empty')
        case 3
        case '*'
            return 1
    end
    return 0
end

function key_make
    if test -z "$key_fingerprint"
        command mkdir -p -m 700 (path dirname $SSH_KEY)
        and command ssh-keygen -q -t ed25519 -N '' -C $DROPLET_NAME -f $SSH_KEY </dev/null
        or begin
            complain "SSH key: $SSH_KEY could not be made"
            return 1
        end
        did 'SSH key' "made as $SSH_KEY"
        key_look; or return
    end
    if test -n "$key_id"
        did 'SSH key' "unchanged in the account (id $key_id)"
        return
    end
    set -l public (command cat $SSH_KEY.pub 2>/dev/null; or command ssh-keygen -y -f $SSH_KEY </dev/null 2>/dev/null)
    if test -z "$public"
        complain "SSH key: the public half of $SSH_KEY is not there; put it beside it, as $SSH_KEY.pub"
        return 1
    end
    request digitalocean 'adding the SSH key' POST /account/keys \
        (command jq --null-input --compact-output --arg name $DROPLET_NAME --arg key $public[1] '{name: $name, public_key: $key}')
    switch $status
        case 0
            set -gu key_id (answer '.ssh_key.id')
        case 2
            found_after_all 'SSH key' key_look key_id; or return
        case '*'
            return 1
    end
    did 'SSH key' "added to the account (id $key_id)"
end
