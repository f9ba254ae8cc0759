# Debian packages: says what is missing; installs it as root on Debian or Ubuntu, else prints the command.

# The command (or file) by which a package shows that it is there.
causeway_sign() {
    case "$1" in
        iproute2) echo ip ;;
        nftables) echo nft ;;
        util-linux) echo nsenter ;;
        iputils-ping) echo ping ;;
        bind9-dnsutils) echo dig ;;
        containernetworking-plugins) echo /usr/lib/cni/portmap ;;
        qemu-system-x86) echo qemu-system-x86_64 ;;
        busybox-static) echo busybox ;;
        kmod) echo depmod ;;
        xz-utils) echo xz ;;
        zlib1g-dev) echo /usr/include/zlib.h ;;
        kubernetes-client) echo kubectl ;;
        *) echo "$1" ;;
    esac
}

causeway_missing() {
    local package sign
    for package in "$@"; do
        sign=$(causeway_sign "$package")
        PATH="$PATH:/usr/sbin:/sbin" command -v "$sign" >/dev/null 2>&1 || [ -e "$sign" ] || echo "$package"
    done
}

# causeway_install PACKAGE...: returns 0 when all are there.
causeway_install() {
    local missing
    missing=$(causeway_missing "$@" | tr '\n' ' ')
    [ -n "${missing// /}" ] || return 0
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "causeway: installing ${missing% }" >&2
        # shellcheck disable=SC2086
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing; } \
            >/tmp/causeway-apt.$$.log 2>&1 && { rm -f /tmp/causeway-apt.$$.log; return 0; }
        echo "causeway: apt-get failed; its last words (/tmp/causeway-apt.$$.log):" >&2
        tail -5 "/tmp/causeway-apt.$$.log" >&2
        return 1
    fi
    echo "causeway: missing: ${missing% }. Install with:  sudo apt-get install --no-install-recommends ${missing% }" >&2
    return 1
}
