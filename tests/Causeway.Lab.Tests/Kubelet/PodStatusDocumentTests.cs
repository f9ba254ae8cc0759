using System.Collections.Immutable;
using Causeway.Lab.Kubelet.Containers;
using Causeway.Lab.Kubelet.Pods;
using Causeway.Lab.Objects;
using static Causeway.Lab.Tests.LabObjects;

namespace Causeway.Lab.Tests.Kubelet;

public sealed class PodStatusDocumentTests
{
    private static readonly ContainerState Runs = new ContainerState.Running(Now);

    private static ContainerState Ended(int code) => new ContainerState.Terminated(code, "", Now, Now);

    private static PodObservation Seen(ImmutableArray<ContainerObservation> containers, params ContainerObservation[] inits) =>
        new(true, Now, ["10.0.0.1", "fd00::1"], ["192.168.0.1"], [.. inits], containers);

    public static TheoryData<string, string, string, string> Cases => new()
    {
        { "waiting", "", "Pending", "False" },
        { "running", "", "Running", "True" },
        { "running unready", "", "Running", "False" },
        { "over0", "", "Succeeded", "False" },
        { "over0 over1", "", "Failed", "False" },
        { "over1 running", "", "Running", "False" },
        { "crashing", "", "Running", "False" },
        { "waiting", "over1", "Failed", "False" },
        { "waiting", "running", "Pending", "False" },
        { "running", "over0", "Running", "True" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Phase_and_readiness_follow_from_the_containers(string containers, string inits, string phase, string ready)
    {
        var seen = Seen([.. Containers(containers)], [.. Containers(inits)]);
        var status = PodStatusDocument.Build(seen, [], Now);
        Assert.Equal(phase, (string?)status["phase"]);
        var conditions = PodStatusDocument.Conditions(seen, phase, [], Now);
        Assert.Equal(ready, conditions.Single(c => c.Type == "Ready").Status);
    }

    [Fact]
    public void A_condition_that_stays_keeps_its_time()
    {
        var seen = Seen([.. Containers("running")]);
        var first = PodStatusDocument.Conditions(seen, PodPhase.Running, [], Now);
        Assert.Equal(first, PodStatusDocument.Conditions(seen, PodPhase.Running, first, Now.AddHours(1)));
        var status = PodStatusDocument.Build(seen, first, Now.AddHours(1));
        Assert.Equal("10.0.0.1", (string?)status["podIP"]);
        Assert.Equal("fd00::1", (string?)status["podIPs"]![1]!["ip"]);
    }

    private static IEnumerable<ContainerObservation> Containers(string words) =>
        words.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select((word, i) => word switch
        {
            "waiting" => new ContainerObservation($"c{i}", "x", ContainerState.Creating),
            "running" => new($"c{i}", "x", Runs, Ready: true),
            "unready" => new($"c{i}", "x", Runs),
            "over0" => new($"c{i}", "x", Ended(0), Over: true),
            "over1" => new($"c{i}", "x", Ended(1), Over: true),
            _ => new($"c{i}", "x", new ContainerState.Waiting("CrashLoopBackOff"), Ended(1)),
        });
}
