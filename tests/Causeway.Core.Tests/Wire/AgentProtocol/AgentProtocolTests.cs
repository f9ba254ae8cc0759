using System.Text;
using Causeway.Core.Addressing;
using Causeway.Core.Wire.AgentProtocol;
using Causeway.Core.Wire.Cni;
using CsCheck;

namespace Causeway.Core.Tests.Wire.AgentProtocol;

/// <summary>Whatever stands on a line, its reader gives a message or its own error.</summary>
public sealed class AgentProtocolTests
{
    private static readonly Gen<string> Id = Gen.Char["abcXYZ019"].Array[1, 20].Select(c => new string(c));

    private static readonly Gen<AgentRequest> Request = Gen.Select(
        Gen.Enum<AgentOperation>(), Id, Id, Gen.Bool, Gen.UInt, (operation, container, pod, full, number) => new AgentRequest
        {
            Operation = operation,
            ContainerId = container,
            IfName = "eth0",
            Netns = full ? "/run/netns/" + pod : "",
            Namespace = full ? "default" : null,
            Pod = full ? pod : null,
            PodUid = full ? "uid" : null,
            Ips = full ? [IpAddress.V4(number), IpAddress.V6(number)] : [],
            Mac = full ? MacAddress.Local(number) : null,
            Valid = full ? [new(container, "eth0"), new(pod, "net1")] : [],
        });

    private static readonly Gen<AgentReply> Reply = Gen.Select(Gen.Int[0, 2], Gen.UInt, Gen.Bool, (kind, number, existing) => kind switch
    {
        0 => AgentReply.Done,
        1 => new AgentReply(new CniError(CniErrorCode.TryAgainLater, "later", $"{number}")),
        _ => new AgentReply(null, new EndpointAssignment(
            [new(IpAddress.V4(number), EndpointAssignment.GatewayV4)], 1450, "cwp1", EndpointAssignment.GatewayMac,
            MacAddress.Local(number)), existing),
    });

    [Fact]
    public void Requests_and_replies_survive_the_line()
    {
        Request.Sample(request => Assert.Equal(request.Print(), AgentRequest.Parse(Bytes(request.Print())).Print()));
        Reply.Sample(reply => Assert.Equal(reply.Print(), AgentReply.Parse(Bytes(reply.Print())).Print()));
    }

    [Fact]
    public void A_message_is_one_line() => Gen.String.Sample(text =>
    {
        var request = new AgentRequest { Operation = AgentOperation.Delete, ContainerId = text, Netns = text, Pod = text };
        Assert.DoesNotContain('\n', request.Print());
    });

    [Fact]
    public void Random_bytes_are_its_own_error_at_worst() => Gen.Byte.Array[0, 300].Sample(ReadEverything, iter: 20_000);

    [Fact]
    public void Damaged_messages_are_its_own_error_at_worst() =>
        Gen.Select(Request, Reply, Gen.Int[0, 400], Gen.Byte, Gen.Int[0, 3]).Sample((request, reply, at, value, how) =>
        {
            foreach (var line in new[] { request.Print(), reply.Print() })
            {
                var bytes = Bytes(line);
                var place = at % bytes.Length;
                ReadEverything(how switch
                {
                    0 => bytes[..place],
                    1 => [.. bytes[..place], value, .. bytes[place..]],
                    2 => [.. bytes[..place], .. bytes[(place + 1)..]],
                    _ => [.. bytes[..place], value, .. bytes[(place + 1)..]],
                });
            }
        }, iter: 5_000);

    [Theory]
    [InlineData("op")]
    [InlineData("ok")]
    [InlineData("containerId")]
    [InlineData("ifName")]
    [InlineData("ips")]
    [InlineData("mac")]
    [InlineData("valid")]
    [InlineData("error")]
    [InlineData("addresses")]
    [InlineData("gateways")]
    [InlineData("mtu")]
    [InlineData("existing")]
    public void A_field_of_any_shape_is_its_own_error_at_worst(string field)
    {
        foreach (var value in (string[])
            ["null", "7", "-1e999", "\"\"", "\"\\ud800\"", "true", "[]", "[null]", "[7]", "[[]]", "{}", "{\"code\":\"x\"}",
                "99999999999999999999", "[\"10.0.0.1\",7]"])
        {
            foreach (var rest in (string[])["\"op\":\"add\"", "\"op\":\"gc\"", "\"ok\":true", "\"ok\":true,\"addresses\":[\"10.0.0.1\"]"])
                ReadEverything(Bytes($"{{{rest},\"{field}\":{value}}}"));
        }
    }

    [Fact]
    public void A_line_that_nests_without_end_is_its_own_error() => ReadEverything(Bytes(new string('[', 100_000)));

    [Fact]
    public void The_error_names_the_field()
    {
        var error = Assert.Throws<CniException>(() => AgentRequest.Parse("""{"op":"add","containerId":"../x","ifName":"eth0"}"""u8));
        Assert.Contains("containerId", error.Message + error.Error.Details, StringComparison.Ordinal);
    }

    private static void ReadEverything(byte[] line)
    {
        Try(() => AgentRequest.Parse(line));
        Try(() => AgentReply.Parse(line));
    }

    private static void Try(Action read)
    {
        try
        {
            read();
        }
        catch (CniException e)
        {
            Assert.NotEqual("", e.Message);
        }
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
