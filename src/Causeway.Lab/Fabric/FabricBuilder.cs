using Causeway.Core.Dataplane;
using Causeway.Linux.Kernel;
using Causeway.Linux.Namespaces;

namespace Causeway.Lab.Fabric;

/// <summary>Makes the fabric in the kernel of a fresh capsule.</summary>
public static class FabricBuilder
{
    /// <summary>Throws <see cref="IOException"/> with what the kernel refused.</summary>
    public static void Build(FabricPlan plan)
    {
        string[] names = [.. plan.Namespaces()];
        foreach (var name in names) NetworkNamespace.Create(PathOf(name));
        var drivers = names.ToDictionary(name => name, name => KernelDriver.Open(PathOf(name)));
        drivers[FabricPlan.Capsule] = KernelDriver.Open();
        try
        {
            drivers[FabricPlan.Capsule].Ensure([.. plan.Bridges()]);
            foreach (var cable in plan.Cables()) Plug(cable, drivers[cable.NearNamespace]);
            Parallel.ForEach(drivers, kernel => Fill(kernel.Key, kernel.Value, plan.Of(kernel.Key)));
        }
        finally
        {
            foreach (var driver in drivers.Values) driver.Dispose();
        }
    }

    /// <summary>Takes the capsule's own loopback device up: all that is needed to speak to a server in it.</summary>
    public static void RaiseLoopback()
    {
        using var kernel = KernelDriver.Open();
        kernel.Ensure(FabricPlan.Loopback());
    }

    private static void Fill(string name, KernelDriver kernel, IReadOnlyList<Entry> entries)
    {
        try
        {
            kernel.Ensure(entries);
        }
        catch (IOException e)
        {
            throw new IOException($"fabric, namespace '{name}': {e.Message}", e);
        }
    }

    private static void Plug(FabricCable cable, KernelDriver near)
    {
        using var far = NetworkNamespace.Open(PathOf(cable.FarNamespace));
        near.CreateVethPair(cable.Near, cable.Far, far);
    }

    private static string PathOf(string name) => $"{NetworkNamespace.Directory}/{name}";
}
