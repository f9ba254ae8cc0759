using Causeway.Core.Addressing;

namespace Causeway.Core.Wire.Netlink;

/// <summary>
/// Rules as <c>iptables-nft</c> writes and reads them: what nftables has no instruction of its own for is a match or a
/// target of xtables in a wrapping (linux/netfilter/nf_tables_compat.h).
/// </summary>
public sealed partial class NftRuleWriter
{
    /// <summary>Opens a rule at the end of a chain, or at its head; its steps follow, then <see cref="EndRule"/>.</summary>
    /// <param name="transport">Which protocol the rule requires, for matches that the kernel allows with their own protocol only.</param>
    public void BeginRule(string chain, bool atHead, byte? transport)
    {
        NetfilterCodec.Begin(
            writer, NewRule, protocol, atHead ? NetlinkFlags.Create : NetlinkFlags.Create | NetlinkFlags.Append);
        writer.Text(1, table);
        writer.Text(2, chain);
        if (transport is { } number)
        {
            var compat = writer.BeginNested(5 | Nested);
            Number(1, number);
            Number(2, 0);
            writer.EndNested(compat);
        }
        _expressions = writer.BeginNested(4 | Nested);
    }

    public void RequireProtocol(byte number)
    {
        LoadProtocol(0);
        RequireBytes(0, [number], equal: true);
    }

    /// <summary>Goes on only where the source or destination address is in a prefix, or is not. A prefix of whole bytes
    /// is compared as such, any other behind a mask.</summary>
    public void RequireAddress(Prefix prefix, bool source, bool equal)
    {
        Span<byte> address = stackalloc byte[16];
        address = address[..prefix.Family.Bytes];
        prefix.Address.WriteBytes(address);
        // The kernel loads no 0 bytes.
        var whole = prefix.Length % 8 == 0 && prefix.Length > 0;
        var length = whole ? prefix.Length / 8 : prefix.Family.Bytes;
        Load(0, header: 1, AddressOffset(prefix.Family, source), length);
        if (!whole) Mask(length, prefix.Length);
        RequireBytes(0, address[..length].ToArray(), equal);
    }

    /// <summary>The destination port of TCP, UDP and SCTP alike.</summary>
    public void RequireDestinationPort(ushort port)
    {
        LoadDestinationPort(0);
        RequireBytes(0, [(byte)(port >> 8), (byte)port], equal: true);
    }

    /// <summary>Packets and bytes that have come so far, from 0.</summary>
    public void Count() => Step("counter", () =>
    {
        writer.Attribute(1, sizeof(ulong));
        writer.Attribute(2, sizeof(ulong));
    });

    public void Jump(string chain) => Step("immediate", () =>
    {
        Number(1, 0);
        NftVerdictCodec.WriteJump(writer, 2, chain);
    });

    /// <param name="information">The match's own structure, padded to 8 bytes.</param>
    public void Match(string name, int revision, byte[] information) => Extension("match", name, revision, information);

    /// <param name="information">The target's own structure, padded to 8 bytes.</param>
    public void Target(string name, int revision, byte[] information) => Extension("target", name, revision, information);

    private void Extension(string kind, string name, int revision, byte[] information) => Step(kind, () =>
    {
        writer.Text(1, name);
        Number(2, revision);
        writer.Bytes(3, information);
    });

    private void RequireBytes(int register, byte[] value, bool equal) => Step("cmp", () =>
    {
        Number(1, FirstRegister + register);
        Number(2, equal ? 0 : 1);
        Value(3, value);
    });

    private void Mask(int length, int ones)
    {
        var bits = new byte[length];
        for (var i = 0; i < ones; i++) bits[i / 8] |= (byte)(0x80 >> i % 8);
        Bitwise(0, bits, new byte[length]);
    }
}
