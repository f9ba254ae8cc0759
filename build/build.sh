# Builds the two executables when their sources changed: natively compiled where a C compiler and zlib are at hand,
# else for the .NET runtime. The result stands in artifacts/bin.

# One line that changes whenever something that is built from changes.
causeway_stamp() {
    (cd "$1" && {
        find src -name bin -prune -o -name obj -prune -o -type f -print0
        printf '%s\0' Directory.Build.props Directory.Packages.props global.json build/build.sh
    } | sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1)
}

# causeway_build ROOT [MSBUILD ARGUMENT...]: prints the folder with the executables; progress goes to standard error.
causeway_build() {
    local root=$1 stamp out="$1/artifacts/bin"
    shift
    if ! command -v dotnet >/dev/null; then
        # A copy built elsewhere runs without the SDK.
        [ -x "$out/causeway" ] && { echo "$out"; return 0; }
        echo "causeway: the .NET 10 SDK is missing: https://dotnet.microsoft.com/download" >&2
        return 1
    fi
    stamp=$(causeway_stamp "$root")
    if [ -x "$out/causeway" ] && [ "$(cat "$out/stamp" 2>/dev/null)" = "$stamp" ]; then
        echo "$out"
        return 0
    fi
    if [ -x "$out/causeway" ] && [ ! -w "$out" ]; then
        echo "causeway: the sources changed, but $out is not yours to write; running what is there" >&2
        echo "$out"
        return 0
    fi
    mkdir -p "$root/artifacts"
    exec 9>"$root/artifacts/.lock"
    flock 9
    causeway_publish "$root" "$out" "$@" || return 1
    echo "$stamp" >"$out/stamp"
    flock -u 9
    echo "$out"
}

causeway_publish() {
    local root=$1 out=$2 log="$1/artifacts/build.log" next="$1/artifacts/next" project pid start
    shift 2
    start=$SECONDS
    if ! causeway_install gcc zlib1g-dev >&2; then
        echo "causeway: building for the .NET runtime, not natively: it starts slower" >&2
        set -- -p:PublishAot=false "$@"
    fi
    rm -rf "$next"
    : >"$log"
    for project in Causeway Causeway.Cni; do
        # The analyzers look at the sources when the solution is built; whoever only runs it need not wait for them.
        dotnet publish "$root/src/$project" -c Release -o "$next" -nologo -v quiet \
            -p:RunAnalyzers=false -p:DebugType=none -p:StripSymbols=true "$@" >>"$log" 2>&1 &
        pid=$!
        while kill -0 "$pid" 2>/dev/null; do
            [ -t 2 ] && printf '\r\033[Kcauseway: building %s (%ds)' "$project" $((SECONDS - start)) >&2
            sleep 0.5
        done
        [ -t 2 ] && printf '\r\033[K' >&2
        if ! wait "$pid"; then
            echo "causeway: the build of $project failed ($log):" >&2
            grep -E 'error|warning' "$log" | sort -u | head -20 >&2
            return 1
        fi
        echo "causeway: built $project ($((SECONDS - start)) s)" >&2
    done
    rm -rf "$out"
    mv "$next" "$out"
    rm -f "$out"/*.dbg
    chmod -R a+rX "$out"
}
