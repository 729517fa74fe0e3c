#!/usr/bin/env fish
# Puts this Oven on a droplet of its own, or brings the one that is there up to date; see docs/operating.md.

# What is kept until the end, whatever the environment calls so.
set -gu scratch
set -gu lock_is_mine
set -gu record_was_changed
set -g root (path dirname (path resolve (status filename)))
for part in report programs dotenv settings lock waiting api key droplet firewall dns health machine plan destroying
    source $root/ops/deploy/$part.fish; or exit 1
end

function usage
    echo 'usage: ./deploy.fish [--vault DIR] [--dry-run | --rollback | --destroy]

  --vault DIR   the folder with .env and deploy.env (ops/deploy.env.example);
                without it ../aesthetic-computer-vault/oven beside this repository
  --dry-run     look, and say what would be done; nothing is changed
  --rollback    go back to the previous release on the droplet
  --destroy     remove record, firewall and droplet, with all that is on it; asks first

Every step is safe to repeat: a run that ended anywhere is ended by the next.'
end

# Looks at everything before it changes anything, so that what cannot work is found while it costs nothing.
function deploy
    command git -C $root rev-parse --quiet --verify HEAD >/dev/null 2>&1
    or begin
        complain "$root has no commit; what is deployed is HEAD of its repository"
        return 1
    end
    test -z "$(command git -C $root status --porcelain -- .)"
    or warn 'there are uncommitted changes; they are not shipped: what is deployed is HEAD'
    key_look; and droplet_look; and firewall_look; and record_look
    or return
    if test "$task" = dry-run
        plan_tell
        return
    end
    key_make; and droplet_make; and firewall_make
    and machine_wait; and machine_set_up
    and record_make; and dns_wait; and machine_hurry; and health_wait
    and record_proxy
    or return
    printf '\nOven is healthy at https://%s (%s).\n' $DOMAIN $droplet_address
    printf '  %s\n' $done
    printf '\nNext: set OVEN_URL=https://%s and CALLBACK_SECRET (that of .env) at Netlify,\n' $DOMAIN
    printf 'under Site configuration, Environment variables. Its log:\n  %s\n' \
        "$(string join ' ' -- ssh -i $SSH_KEY -o UserKnownHostsFile=$vault/known_hosts -o HostKeyAlias=droplet-$droplet_id $ssh_target) journalctl -u oven -f"
end

function roll_back
    droplet_look; or return
    if test -z "$droplet_id"
        complain "rollback: there is no droplet $DROPLET_NAME; deploy it first"
        return 1
    end
    record_look; and machine_wait; and machine_roll_back
    or return
    if test -z "$record_id"
        complain "DNS: $DOMAIN has no A record, so its health cannot be seen; deploy makes it"
        return 1
    end
    dns_wait; and health_wait
    or return
    say "$DOMAIN is healthy with the previous release"
end

function tidy
    lock_give_back
    test -n "$scratch"; and command rm -rf $scratch
    set -gu scratch
end

function interrupted --on-signal INT --on-signal TERM --on-signal HUP
    complain "stopped; what was done is kept: run this again to go on"
    tidy
    # Dies of a signal, as who waits for this expects; fish itself would end with 0.
    functions --erase interrupted
    command kill -s TERM $fish_pid
end

function main
    argparse --name=deploy.fish --max-args=0 --exclusive=dry-run,rollback,destroy \
        h/help vault= dry-run rollback destroy -- $argv
    or begin
        usage >&2
        return 2
    end
    if set -q _flag_help
        usage
        return
    end
    set -g task deploy
    set -q _flag_dry_run; and set task dry-run
    set -q _flag_rollback; and set task roll_back
    set -q _flag_destroy; and set task destroy
    set -g vault (path resolve $root/../aesthetic-computer-vault/oven)
    set -q _flag_vault; and set vault (path resolve -- $_flag_vault)
    programs_check; or return
    if not test -d $vault
        complain "there is no folder $vault; name the one with .env and deploy.env by --vault"
        return 2
    end
    settings_read; or return
    set -g scratch (command mktemp -d); or return
    if test $task = dry-run
        deploy
        return
    end
    lock_take; or return
    $task
end

main $argv
set -l outcome $status
tidy
exit $outcome
