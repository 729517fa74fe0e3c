# The programs that a deployment needs on the operator's machine.

function programs_check
    if not string match --quiet --regex '^(3\.([6-9]|\d\d)|[4-9]|\d\d)' -- $version
        complain "this is fish $version; 3.6 or newer is needed: apt install fish, brew install fish, or https://fishshell.com"
        return 1
    end
    set -l missing 0
    for needed in 'curl curl' 'jq jq' 'ssh openssh-client' 'ssh-keygen openssh-client' 'git git'
        set -l words (string split ' ' -- $needed)
        command --query $words[1]; and continue
        set missing 1
        set -l formula (string replace openssh-client openssh -- $words[2])
        complain "$words[1] is missing; install it: apt install $words[2], or brew install $formula"
    end
    return $missing
end
