# shellcheck shell=bash
# Completion of sockspec-relay and its other names for bash: roles, options as their --help lists
# them, and the words that an option takes.

_sockspec_relay()
{
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} words
    local -a help=("${COMP_WORDS[0]}" --help)
    COMPREPLY=()
    if [ "${COMP_WORDS[0]##*/}" = sockspec-relay ]; then
        if [ "$COMP_CWORD" = 1 ]; then
            words='local server tunnel socks5 --help --version'
            mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
            return
        fi
        help=("${COMP_WORDS[0]}" "${COMP_WORDS[1]}" --help)
    fi
    case $before in
    -c | --config | --record)
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
        return
        ;;
    --mode) words='tcp_only udp_only tcp_and_udp' ;;
    *)
        words=$("${help[@]}" 2>/dev/null | grep -o -e '^ *\(-., \)\?--[a-z0-9-]*' | tr -d ,)
        words="$words --uri"
        ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -F _sockspec_relay sockspec-relay sslocal ssserver sstunnel
