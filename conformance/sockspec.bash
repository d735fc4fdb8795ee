# shellcheck shell=bash
# Completion of sockspec for bash: commands, options, and the words that an option takes.

_sockspec()
{
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} words
    COMPREPLY=()
    case $before in
    --level) words='must should may' ;;
    --payload) words='http pipe' ;;
    --segment) words='whole bytes split coalesced all' ;;
    --report) words='text= tap= junit= json= html= pcapng= baseline=' ;;
    --case | --not | explain) words=$(sockspec list 2>/dev/null | cut -d ' ' -f 1) ;;
    --baseline | --write-baseline | --pcap | --bundle)
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
        return
        ;;
    --target | --exec | --listen | --auth | --method | --password | --without | --origin | --jobs | --timeout | --seed | --min-cases | --runs | --time | --most)
        return
        ;;
    --peer) words='curl dante go-shadowsocks2 hpsockd io-socket-socks microsocks ncat node-socks pproxy proxychains pysocks python-socks shadowsocks-libev shadowsocks-node shadowsocks-py28 shadowsocks-py29 shadowsocks-py30 shadowsocks-rust sing-box socksio sockspec-relay socksv5 ssh tor v2ray' ;;
    sockspec | */sockspec) words='run list explain vectors replay fuzz coverage --help --version' ;;
    *)
        case ${COMP_WORDS[1]} in
        vectors | replay)
            mapfile -t COMPREPLY < <(compgen -f -- "$word")
            return
            ;;
        list) words='socks5-server socks5-client ss-server ss-local --case --json --help' ;;
        run | fuzz) words='socks5-server socks5-client ss-server ss-local '$(sockspec "${COMP_WORDS[1]}" --help 2>/dev/null | grep -o -e '--[a-z-]*') ;;
        *) words=--help ;;
        esac
        ;;
    esac
    [ "$before" != --report ] || compopt -o nospace
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -F _sockspec sockspec
