using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;
using Causeway.Core.Trace;

namespace Causeway.Core.Tests.Trace;

public sealed class TraceJsonTests
{
    private static TraceQuery Query => new(PaperLab.A, PaperLab.Address(PaperLab.B, IpFamily.V4)) { ToHost = PaperLab.B };

    [Fact]
    public void The_shape_is_the_documented_one()
    {
        var json = TraceJson.Of(Tracer.Run(PaperLab.Build(), Query));
        Assert.Equal(["verdict", "forward", "reply", "cause"], json.Select(p => p.Key));
        Assert.Equal("reachable", (string?)json["verdict"]);
        Assert.Null(json["cause"]);
        var hop = json["forward"]!["hops"]![0]!.AsObject();
        Assert.Equal(["node", "component", "action", "evidence", "origin"], hop.Select(p => p.Key));
        Assert.Equal("n1", (string?)hop["node"]);
        Assert.Equal("Pod/default/a", (string?)hop["origin"]);
    }

    [Fact]
    public void A_cause_has_its_code_in_words()
    {
        var json = TraceJson.Of(Tracer.Run(PaperLab.Build().Remove<FdbEntry>("n1", _ => true), Query));
        var cause = json["cause"]!.AsObject();
        Assert.Equal(["code", "message", "node", "evidence", "fix"], cause.Select(p => p.Key));
        Assert.Equal("fdb-missing", (string?)cause["code"]);
    }

    [Fact]
    public void Every_code_is_documented()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Causeway.slnx"))) folder = Path.GetDirectoryName(folder)!;
        var text = File.ReadAllText(Path.Combine(folder, "docs", "trace.md"));
        foreach (var code in Enum.GetValues<CauseCode>())
            Assert.Contains($"`{new Cause(code, "", "", "", "").CodeText}`", text);
    }
}
