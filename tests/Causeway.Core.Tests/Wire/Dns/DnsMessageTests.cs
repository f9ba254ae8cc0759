using Causeway.Core.Addressing;
using Causeway.Core.Wire.Dns;
using CsCheck;

namespace Causeway.Core.Tests.Wire.Dns;

public sealed class DnsMessageTests
{
    private static readonly DnsName Name = DnsName.Parse("Open-Nginx.ns1.svc.cluster.local");

    [Fact]
    public void Messages_survive_the_wire() => DnsGenerators.Message.Sample(message =>
    {
        var bytes = Bytes(message);
        Assert.True(DnsMessageReader.TryRead(bytes, out var read, out var fault), fault.ToString());
        // Compression may take the case of an earlier name, and no more.
        Assert.Equal(message.ToString(), read.ToString(), ignoreCase: true);
    });

    [Fact]
    public void Any_bytes_are_read_or_refused() => Gen.Select(
        DnsGenerators.Message, Gen.Int[0, 400], Gen.Select(Gen.Int[0, 4000], Gen.Byte).List[0, 6]).Sample(
        (message, cut, changes) =>
        {
            var bytes = Bytes(message);
            foreach (var (at, value) in changes) bytes[at % bytes.Length] = value;
            ReadAnything(bytes);
            ReadAnything(bytes[..Math.Min(cut, bytes.Length)]);
        });

    [Fact]
    public void Noise_is_read_or_refused() => Gen.Byte.Array[0, 600].Sample(ReadAnything);

    private static void ReadAnything(byte[] bytes)
    {
        DnsQueryView.TryRead(bytes, out _);
        if (DnsMessageReader.TryRead(bytes, out var message, out var fault)) Assert.NotEmpty(message.ToString());
        else Assert.NotEqual(DnsFaultKind.None, fault.Kind);
    }

    [Fact]
    public void What_does_not_fit_is_cut_with_TC() => Gen.Select(DnsGenerators.Message, Gen.Int[512, 1400]).Sample(
        (message, room) =>
        {
            var bytes = new byte[room];
            var length = DnsMessageWriter.Write(message, bytes);
            Assert.True(DnsMessageReader.TryRead(bytes.AsSpan(0, length), out var read, out var fault), fault.ToString());
            Assert.Equal(message.Edns, read.Edns);
            var whole = read.Answers.Length == message.Answers.Length && read.Authority.Length == message.Authority.Length;
            Assert.Equal(!whole, read.IsTruncated);
        });

    [Fact]
    public void A_reply_is_written_in_these_bytes()
    {
        DnsMessage query = new() { Id = 0xBEEF, Flags = DnsFlags.RecursionDesired, Questions = [new(Name, DnsType.A)] };
        var reply = query.Reply(DnsRcode.NOERROR) with
        {
            Flags = DnsFlags.Response | DnsFlags.Authoritative | DnsFlags.RecursionDesired,
            Answers = [new(Name.ToLower(), DnsType.A, 30, DnsData.Of(IpAddress.Parse("10.96.0.1")))],
        };
        Assert.Equal(
            "BEEF8500" + "0001000100000000"
            + "0A4F70656E2D4E67696E78" + "036E7331" + "03737663" + "07636C7573746572" + "056C6F63616C" + "00" + "00010001"
            + "C00C" + "00010001" + "0000001E" + "0004" + "0A600001",
            Convert.ToHexString(Bytes(reply)));
    }

    [Theory]
    [InlineData("C00C", DnsFaultKind.Pointer)] // itself
    [InlineData("C00E" + "C00C", DnsFaultKind.Pointer)] // forward
    [InlineData("0161C00C", DnsFaultKind.Pointer)] // round and round
    [InlineData("40", DnsFaultKind.LabelKind)]
    [InlineData("80", DnsFaultKind.LabelKind)]
    [InlineData("3F61", DnsFaultKind.Short)]
    [InlineData("C0", DnsFaultKind.Short)]
    [InlineData("0161000001", DnsFaultKind.Short)]
    [InlineData("016100" + "00010001" + "FF", DnsFaultKind.Trailing)]
    public void Malformed_questions_are_refused(string question, DnsFaultKind kind)
    {
        var bytes = Convert.FromHexString("000001000001000000000000" + question);
        Assert.False(DnsMessageReader.TryRead(bytes, out _, out var fault));
        Assert.Equal(kind, fault.Kind);
        Assert.False(DnsQueryView.TryRead(bytes, out _));
    }

    [Theory]
    [InlineData("00" + "00010001" + "00000000" + "0003" + "010203", DnsFaultKind.DataLength)] // A of 3 bytes
    [InlineData("00" + "00100001" + "00000000" + "0002" + "0561", DnsFaultKind.DataLength)] // TXT past its end
    [InlineData("00" + "00050001" + "00000000" + "0001" + "0161" + "00", DnsFaultKind.DataLength)] // CNAME past its data
    [InlineData("00" + "00210001" + "00000000" + "0002" + "0000", DnsFaultKind.DataLength)] // SRV of 2 bytes
    [InlineData("00" + "00290001" + "00000000" + "0000", DnsFaultKind.Opt)] // OPT as an answer
    [InlineData("00" + "FFFF0001" + "00000000" + "FFFF" + "00", DnsFaultKind.Short)]
    public void Malformed_answers_are_refused(string record, DnsFaultKind kind)
    {
        var bytes = Convert.FromHexString("000080000000000100000000" + record);
        Assert.False(DnsMessageReader.TryRead(bytes, out _, out var fault));
        Assert.Equal(kind, fault.Kind);
    }

    [Fact]
    public void Two_OPT_records_are_one_too_many()
    {
        const string Opt = "00" + "0029" + "04D0" + "00000000" + "0000";
        var bytes = Convert.FromHexString("000001000000000000000002" + Opt + Opt);
        Assert.False(DnsMessageReader.TryRead(bytes, out _, out var fault));
        Assert.Equal(new(DnsFaultKind.Opt, 23), fault);
    }

    [Fact]
    public void Pointers_cannot_grow_a_name_past_255_bytes()
    {
        var label = "3F" + string.Concat(Enumerable.Repeat("61", 63));
        var bytes = Convert.FromHexString(
            "000001000002000000000000" + label + label + label + "00" + "00010001" + label + "C00C" + "00010001");
        Assert.False(DnsMessageReader.TryRead(bytes, out _, out var fault));
        Assert.Equal(DnsFaultKind.NameLength, fault.Kind);
    }

    [Fact]
    public void A_plain_query_is_seen_where_it_lies()
    {
        DnsMessage query = new()
        {
            Id = 7, Flags = DnsFlags.RecursionDesired, Questions = [new(Name, DnsType.SRV)],
            Edns = new Edns(1232, DnssecOk: true),
        };
        Assert.True(DnsQueryView.TryRead(Bytes(query), out var view));
        Assert.Equal(7, view.Id);
        Assert.Equal(Name.Wire, view.Name);
        Assert.Equal((DnsType.SRV, DnsClass.IN), (view.Type, view.Class));
        Assert.True(view is { HasEdns: true, DnssecOk: true, UdpSize: 1232, EdnsVersion: 0 });
    }

    private static byte[] Bytes(DnsMessage message)
    {
        var bytes = new byte[DnsMessageWriter.LargestMessage];
        return bytes[..DnsMessageWriter.Write(message, bytes)];
    }
}
