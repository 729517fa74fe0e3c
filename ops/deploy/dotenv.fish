# Files of NAME=VALUE as dotenv has them: `export` before, comments behind, quotes around.

# Reads a file into dotenv_names and dotenv_values, in order, the last of a name alone.
# What is no such line goes to dotenv_mistakes, by its number: a line may hold a secret.
function dotenv_read --argument-names file
    set -gu dotenv_names
    set -gu dotenv_values
    set -gu dotenv_mistakes
    set -l text
    read --null text <$file
    set -l number 0
    for line in (string split \n -- $text | string trim)
        set number (math $number + 1)
        string match --quiet --regex '^(#|$)' -- $line; and continue
        set -l name
        set -l rest
        set -l value
        if not string match --quiet --regex '^(?:export\s+)?(?<name>[A-Za-z_][A-Za-z0-9_]*)\s*=\s*(?<rest>.*)$' -- $line
            set -a dotenv_mistakes "line $number of $file is not NAME=VALUE"
            continue
        end
        if string match --quiet --regex '^["\']' -- $rest
            if string match --quiet --regex '^\'(?<value>(?:[^\'\\\\]|\\\\.)*)\'\s*(?:#.*)?$' -- $rest
                or string match --quiet --regex '^"(?<value>(?:[^"\\\\]|\\\\.)*)"\s*(?:#.*)?$' -- $rest
                set value (string replace --all --regex '\\\\(["\'\\\\])' '$1' -- $value)
            else
                set -a dotenv_mistakes "$name on line $number of $file has a quote that does not end on its line"
                continue
            end
        else
            set value (string replace --regex '\s+#.*$' '' -- $rest)
        end
        if set -l known (contains --index -- $name $dotenv_names)
            set dotenv_values[$known] "$value"
        else
            set -a dotenv_names $name
            set -a dotenv_values "$value"
        end
    end
end

# Prints the value of a name; nothing where it is missing or empty.
function dotenv_value --argument-names name
    set -l place (contains --index -- $name $dotenv_names); or return
    test -n "$dotenv_values[$place]"; and printf '%s\n' $dotenv_values[$place]
end
