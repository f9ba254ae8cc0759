using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Dataplane;
using Causeway.Core.Routing;
using Causeway.Linux.Kernel;
using Causeway.Linux.Namespaces;
using Causeway.Linux.Processes;

namespace Causeway.Bench;

/// <summary>
/// One new remote block among 5,000: from the object to the route in a real kernel, in a namespace of its own. The peer is
/// the same route added by running <c>ip</c>.
/// </summary>
internal static class PlanBench
{
    private const int Blocks = 5000;
    private static readonly string Namespace = $"/run/netns/cwbench{Environment.ProcessId}";

    public static async Task Run(Harness harness)
    {
        NetworkNamespace.Create(Namespace);
        try
        {
            using var kernel = KernelDriver.Open(Namespace);
            kernel.Ensure(new Link { Name = "eth0", Kind = "bridge" });
            kernel.Ensure(new LinkAddress { Device = "eth0", Address = InterfaceAddress.Parse("172.16.0.1/12") });
            await Measure(harness, kernel);
        }
        finally
        {
            NetworkNamespace.Delete(Namespace);
        }
    }

    private static async Task Measure(Harness harness, KernelDriver kernel)
    {
        var tracker = new DeltaTracker();
        var planner = new NodePlanner("local", tracker.SetDesired);
        planner.Set(new IpPool
        {
            Metadata = new ObjectMeta { Name = "default" },
            Spec = new IpPoolSpec { Cidr = "10.0.0.0/8", NatOutgoing = false },
        });
        planner.Set(Node("local", 1));
        for (var i = 2; i < Blocks + 2; i++)
        {
            planner.Set(Node($"n{i}", i));
            planner.Set(Affinity(i));
        }
        Apply(kernel, tracker);
        var next = Blocks + 2;
        planner.Set(Node($"n{next}", next));
        Apply(kernel, tracker);

        var fresh = Affinity(next);
        await harness.Latency(
            $"plan + apply of one new block among {Blocks:N0}",
            () => { planner.Set(fresh); Apply(kernel, tracker); return Task.CompletedTask; },
            () => { planner.Remove(fresh); Apply(kernel, tracker); return Task.CompletedTask; },
            "ip route replace",
            () => ProcessSpawner.Run(
                ["ip", "-n", Path.GetFileName(Namespace), "route", "replace", "11.0.0.0/26", "via", "172.16.0.9"]),
            () => Task.CompletedTask);
    }

    private static void Apply(KernelDriver kernel, DeltaTracker tracker)
    {
        var operations = tracker.Pending();
        var errors = kernel.Apply(operations);
        if (errors.Count > 0) throw new InvalidOperationException(errors[0].Message);
        foreach (var operation in operations) tracker.Done(operation);
    }

    private static IpAddress Offset(string from, int i, int step) => IpAddress.Parse(from).Add((UInt128)(i * step));

    private static Node Node(string name, int i) => new()
    {
        Metadata = new ObjectMeta
        {
            Name = name,
            Annotations = new NodeNetwork(
                "eth0", 1500, [new InterfaceAddress(Offset("172.16.0.0", i, 1), 12)], [Offset("10.0.0.0", i, 64)])
                .ToAnnotations(),
        },
    };

    private static BlockAffinity Affinity(int i) => new()
    {
        Metadata = new ObjectMeta { Name = $"block{i}" },
        Spec = new BlockAffinitySpec($"{Offset("10.0.0.0", i, 64)}/26", $"n{i}", BlockAffinitySpec.Confirmed),
    };
}
