using System.Runtime.InteropServices;
using Causeway.Core.Addressing;
using Causeway.Core.Dataplane.Nftables;

namespace Causeway.Core.Wire.Netlink;

/// <summary>What base chains and filters ask, change and decide, as nft itself writes it, so that it lists the rule in the
/// words of the record.</summary>
public sealed partial class NftRuleWriter
{
    private const int Mark = 3; // NFT_META_MARK
    private const int NetworkProtocol = 15; // NFT_META_NFPROTO

    // By their number in tables of IP (NF_INET_*).
    private static readonly string[] Hooks = ["prerouting", "input", "forward", "output", "postrouting"];

    /// <summary>A property of a connection (NFT_CT_*) that holds one bit or more of a few.</summary>
    internal enum Connection
    {
        State = 0,
        Status = 2,
    }

    /// <summary>Makes a chain where packets enter, or makes its policy so if it is there. Throws
    /// <see cref="NotSupportedException"/> for a hook of devices.</summary>
    public void AddChain(string name, NftHook hook)
    {
        var number = Array.IndexOf(Hooks, hook.Hook);
        var policy = hook.Policy switch { "drop" => 0, "accept" => 1, _ => -1 };
        if (number < 0 || policy < 0 || hook.Device is not null) throw NftTableWriter.Unknown($"{hook}");
        NetfilterCodec.Begin(writer, NewChain, protocol, NetlinkFlags.Create);
        writer.Text(1, table);
        writer.Text(3, name);
        var place = writer.BeginNested(4 | Nested);
        Number(1, number);
        Number(2, hook.Priority);
        writer.EndNested(place);
        Number(5, policy);
        writer.Text(7, hook.Type);
        writer.End();
    }

    /// <summary>Goes on only with packets of this family: in a table of family inet.</summary>
    public void RequireFamily(IpFamily family)
    {
        LoadMeta(0, NetworkProtocol);
        RequireBytes(0, [Netlink.Family.Of(family)], equal: true);
    }

    /// <summary>The source or destination port of TCP, UDP and SCTP alike.</summary>
    public void RequirePort(ushort port, bool source)
    {
        Load(0, header: 2, source ? 0 : 2, 2);
        RequireBytes(0, [(byte)(port >> 8), (byte)port], equal: true);
    }

    /// <summary><c>meta mark &amp; BITS != 0</c>.</summary>
    public void RequireMarkBits(uint bits)
    {
        LoadMeta(0, Mark);
        RequireBits(bits);
    }

    /// <summary><c>meta mark set meta mark &amp; KEEP ^ FLIP</c>, by way of a register.</summary>
    public void ChangeMark(int register, uint keep, uint flip)
    {
        LoadMeta(register, Mark);
        Bitwise(register, Bytes(keep), Bytes(flip));
        Step("meta", () =>
        {
            Number(2, Mark);
            Number(3, FirstRegister + register);
        });
    }

    /// <summary>The verdict of a map for what stands from a register on; without one the rule ends here.</summary>
    public void MapVerdict(int register, string map) => Step("lookup", () =>
    {
        writer.Text(1, map);
        Number(2, FirstRegister + register);
        Number(3, 0);
    });

    /// <param name="flags">NF_NAT_RANGE_PROTO_*; 0 for none.</param>
    public void Masquerade(int flags) => Step("masq", () =>
    {
        if (flags != 0) Number(1, flags);
    });

    /// <param name="type">NFT_REJECT_*.</param>
    /// <param name="code">Of ICMP or ICMPv6, where it answers so.</param>
    public void Reject(int type, byte code) => Step("reject", () =>
    {
        Number(1, type);
        writer.U8(2, code);
    });

    /// <summary>Keeps connection tracking from the packet.</summary>
    public void Untrack() => Step("notrack", static () => { });

    /// <summary>Ends with a verdict that leads to no chain.</summary>
    /// <param name="code">NF_DROP, NF_ACCEPT, NFT_RETURN.</param>
    public void Decide(int code) => Step("immediate", () =>
    {
        Number(1, 0);
        NftVerdictCodec.WriteEnd(writer, 2, code);
    });

    /// <summary>Goes on only where the packet's connection has one of these bits.</summary>
    internal void RequireConnection(Connection property, uint bits)
    {
        Step("ct", () =>
        {
            Number(1, FirstRegister);
            Number(2, (int)property);
        });
        RequireBits(bits);
    }

    private void RequireBits(uint bits)
    {
        Bitwise(0, Bytes(bits), Bytes(0));
        RequireBytes(0, Bytes(0), equal: false);
    }

    private void LoadMeta(int register, int key) => Step("meta", () =>
    {
        Number(1, FirstRegister + register);
        Number(2, key);
    });

    private void Bitwise(int register, byte[] mask, byte[] xor) => Step("bitwise", () =>
    {
        Number(1, FirstRegister + register);
        Number(2, FirstRegister + register);
        Number(3, mask.Length);
        Value(4, mask);
        Value(5, xor);
        Number(6, 0);
    });

    private static byte[] Bytes(uint value) => MemoryMarshal.AsBytes([value]).ToArray();
}
