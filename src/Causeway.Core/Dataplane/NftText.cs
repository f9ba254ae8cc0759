namespace Causeway.Core.Dataplane;

/// <summary>nftables in <c>nft -f</c> syntax.</summary>
public static class NftText
{
    public static string Print(NftTable table) => table.Name;
}
