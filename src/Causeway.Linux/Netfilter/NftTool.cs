namespace Causeway.Linux.Netfilter;

/// <summary><c>nft -f</c>, for what is not worth a codec: tables, chains and rules.</summary>
public static class NftTool
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Runs a script as one transaction in a namespace, by its path; null for the calling thread's.
    /// The address of the socket that made the change: the tool's process id. Throws
    /// <see cref="IOException"/> with what the tool said.</summary>
    public static uint Run(string script, string? namespacePath = null) =>
        (uint)new NetfilterTool("nftables", Limit, namespacePath).RunWell(["nft", "-f", "-"], script).ProcessId;
}
