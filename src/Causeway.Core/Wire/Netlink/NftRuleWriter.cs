using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Causeway.Core.Addressing;

namespace Causeway.Core.Wire.Netlink;

/// <summary>
/// Chains and rules of nftables in the kernel's own instructions (linux/netfilter/nf_tables.h), each a step that
/// loads, compares or acts. Registers are numbered in words of 4 bytes from 0. Whoever calls knows the kernel's
/// machine; rules as records go by <see cref="NftTableWriter"/>.
/// </summary>
/// <param name="protocol">The table's family (NFPROTO_*).</param>
public sealed partial class NftRuleWriter(NetlinkWriter writer, byte protocol, string table)
{
    private const int NewChain = 3;
    private const int DeleteChain = 5;
    private const int NewRule = 6;
    private const int DeleteRule = 8;

    private const int RuleUserData = 7;
    private const byte CommentRecord = 0;

    private const int FirstRegister = 8; // NFT_REG32_00
    private const int Local = 2; // RTN_LOCAL
    private const int Nested = NetlinkWriter.NestedFlag;

    private int _expressions;

    public NftRuleWriter(NetlinkWriter writer, IpFamily family, string table)
        : this(writer, Netlink.Family.Of(family), table)
    {
    }

    /// <summary>Of the addresses that are named without theirs; of no meaning in a table of family inet.</summary>
    public IpFamily Family { get; } = Netlink.Family.Read(protocol) ?? default;

    /// <summary>Makes a chain that others go to, or leaves it if it is there.</summary>
    public void AddChain(string name) => Chain(NewChain, NetlinkFlags.Create, name);

    /// <summary>Deletes a chain with its rules; the transaction fails when something still goes there.</summary>
    public void RemoveChain(string name) => Chain(DeleteChain, NetlinkFlags.None, name);

    /// <summary>Deletes the rules of a chain.</summary>
    public void Flush(string chain)
    {
        NetfilterCodec.Begin(writer, DeleteRule, protocol, NetlinkFlags.None);
        writer.Text(1, table);
        writer.Text(2, chain);
        writer.End();
    }

    /// <summary>Opens a rule at the end of a chain; its steps follow, then <see cref="EndRule"/>.</summary>
    public void BeginRule(string chain) => BeginRule(chain, atHead: false, transport: null);

    /// <param name="comment">What the tool shows behind the rule; at most 128 bytes of UTF-8.</param>
    public void EndRule(string? comment = null)
    {
        writer.EndNested(_expressions);
        if (comment is not null) new NftUserData().Text(CommentRecord, comment).Write(writer, RuleUserData);
        writer.End();
    }

    /// <summary>The source or destination address to a register, and as many words as it has.</summary>
    public void LoadAddress(int register, bool source) => LoadAddress(register, Family, source);

    /// <summary>The same, of packets that are known to be of this family.</summary>
    public void LoadAddress(int register, IpFamily family, bool source) =>
        Load(register, header: 1, AddressOffset(family, source), family.Bytes);

    /// <summary>The destination port of TCP, UDP and SCTP alike.</summary>
    public void LoadDestinationPort(int register) => Load(register, header: 2, 2, 2);

    /// <summary><c>meta l4proto</c>.</summary>
    public void LoadProtocol(int register) => Step("meta", () =>
    {
        Number(1, FirstRegister + register);
        Number(2, 16);
    });

    /// <summary><c>numgen random mod N</c>, in the machine's byte order.</summary>
    public void LoadRandom(int register, int modulus) => Step("numgen", () =>
    {
        Number(1, FirstRegister + register);
        Number(2, modulus);
        Number(3, 1);
        Number(4, 0);
    });

    /// <summary>Always the same number. The kernel could load a constant, but the tool cannot print one as a part of
    /// a key; a generator of one number it can.</summary>
    public void LoadNumber(int register, int value) => Step("numgen", () =>
    {
        Number(1, FirstRegister + register);
        Number(2, 1);
        Number(3, 0);
        Number(4, value);
    });

    /// <summary>Goes on only where a register holds this number.</summary>
    public void RequireNumber(int register, int value) =>
        RequireBytes(register, MemoryMarshal.AsBytes([value]).ToArray(), equal: true);

    /// <summary>Goes on only where what stands from a register on is in a set, or is not.</summary>
    public void RequireMember(int register, string set, bool member = true) => Step("lookup", () =>
    {
        writer.Text(1, set);
        Number(2, FirstRegister + register);
        if (!member) Number(5, 1);
    });

    /// <summary>Goes on only where a map has what stands from a register on; its value takes that place.</summary>
    public void Map(int register, string map) => Step("lookup", () =>
    {
        writer.Text(1, map);
        Number(2, FirstRegister + register);
        Number(3, FirstRegister + register);
    });

    /// <summary><c>fib saddr type local</c>, or <c>daddr</c>: goes on only where the address is the node's own.</summary>
    public void RequireLocal(bool source)
    {
        Step("fib", () =>
        {
            Number(1, FirstRegister);
            Number(2, 3);
            Number(3, source ? 1 : 2);
        });
        RequireNumber(0, Local);
    }

    /// <summary><c>meta mark set meta mark | BITS</c>, by way of a register.</summary>
    public void SetMarkBits(int register, uint bits) => ChangeMark(register, ~bits, bits);

    /// <summary>Translates the destination to the address in a register and the port behind it.</summary>
    public void TranslateDestination(int register) => Step("nat", () =>
    {
        Number(1, 1);
        Number(2, Netlink.Family.Of(Family));
        Number(3, FirstRegister + register);
        Number(5, FirstRegister + register + Family.Bytes / 4);
    });

    /// <summary>Puts what stands from a register on into a set with the dynamic flag, or refreshes it.</summary>
    public void Remember(int register, string set, TimeSpan timeout) => Step("dynset", () =>
    {
        writer.Text(1, set);
        Number(3, 1);
        Number(4, FirstRegister + register);
        BinaryPrimitives.WriteUInt64BigEndian(
            writer.Attribute(6, sizeof(ulong)), (ulong)timeout.TotalMilliseconds);
    });

    public void Goto(string chain) => Step("immediate", () =>
    {
        Number(1, 0);
        NftVerdictCodec.WriteGoto(writer, 2, chain);
    });

    private void Chain(int message, NetlinkFlags flags, string name)
    {
        NetfilterCodec.Begin(writer, message, protocol, flags);
        writer.Text(1, table);
        writer.Text(3, name);
        writer.End();
    }

    private static int AddressOffset(IpFamily family, bool source) =>
        (family == IpFamily.V4 ? 12 : 8) + (source ? 0 : family.Bytes);

    private void Load(int register, int header, int offset, int length) => Step("payload", () =>
    {
        Number(1, FirstRegister + register);
        Number(2, header);
        Number(3, offset);
        Number(4, length);
    });

    private void Step(string name, Action write)
    {
        var item = writer.BeginNested(1 | Nested);
        writer.Text(1, name);
        var data = writer.BeginNested(2 | Nested);
        write();
        writer.EndNested(data);
        writer.EndNested(item);
    }

    private void Number(int type, int value) => writer.I32BigEndian(type, value);

    private void Value(int type, ReadOnlySpan<byte> value)
    {
        var data = writer.BeginNested(type | Nested);
        writer.Bytes(1, value);
        writer.EndNested(data);
    }
}
