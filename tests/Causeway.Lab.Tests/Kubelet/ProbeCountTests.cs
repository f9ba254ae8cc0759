using Causeway.Lab.Kubelet.Probes;
using Causeway.Lab.Objects;

namespace Causeway.Lab.Tests.Kubelet;

public sealed class ProbeCountTests
{
    [Theory]
    [InlineData(1, 3, false, "+", "+")]
    [InlineData(1, 3, true, "--+--", "+++++")]
    [InlineData(1, 3, true, "---+", "++-+")]
    [InlineData(2, 2, false, "+-++--", "---++-")]
    [InlineData(3, 1, false, "+++-", "--+-")]
    public void As_many_in_a_row_as_the_thresholds_ask(
        int success, int failure, bool passing, string answers, string expected)
    {
        var count = new ProbeCount(new() { SuccessThreshold = success, FailureThreshold = failure }, passing);
        var judged = answers.Select(a =>
        {
            count.Take(a == '+');
            return count.Passing ? '+' : '-';
        });
        Assert.Equal(expected, string.Concat(judged));
    }

    [Theory]
    [InlineData("", "0000000000")]
    [InlineData("a", "0000000003" + "0A0161")]
    public void Health_requests_are_framed(string service, string expected) =>
        Assert.Equal(expected, Convert.ToHexString(GrpcHealth.Request(service)));

    [Theory]
    [InlineData("00000000020801", 1)]
    [InlineData("00000000020802", 2)]
    [InlineData("0000000000", 0)]
    [InlineData("01000000020801", null)]
    [InlineData("00000000FF0801", null)]
    [InlineData("00", null)]
    [InlineData("00FFFFFFFF", null)]
    public void Health_answers_are_read(string frame, int? expected) =>
        Assert.Equal(expected, GrpcHealth.Status(Convert.FromHexString(frame)));
}
