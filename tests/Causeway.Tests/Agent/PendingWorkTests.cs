using Causeway.Agent;
using Causeway.Core.Dataplane;

namespace Causeway.Tests.Agent;

public sealed class PendingWorkTests
{
    private readonly StillTime _time = new();
    private readonly DeltaTracker _tracker = new();
    private readonly List<string> _deleted = [];
    private readonly PendingWork _work;

    public PendingWorkTests() => _work = new PendingWork(_tracker, link => _deleted.Add(link.Name), _time);

    [Fact]
    public void A_pod_device_that_is_made_before_its_addresses_are_known_is_left_alone()
    {
        var device = new Link { Name = "cwp1", Kind = "veth" };
        _tracker.SetActual(device.Key, device);
        Assert.Empty(_work.Due());
        _time.Now += TimeSpan.FromSeconds(1);
        Assert.Empty(_work.Due());

        _tracker.SetDesired(device.Key, device with { Up = true });
        _work.Due();
        _time.Now += TimeSpan.FromMinutes(1);
        _work.Due();
        Assert.Empty(_deleted);
    }

    [Fact]
    public void A_pod_device_that_stays_unplanned_goes_once_when_its_time_is_over()
    {
        var device = new Link { Name = "cwp1", Kind = "veth" };
        _tracker.SetActual(device.Key, device);
        _work.Due();
        Assert.Equal(_time.Now + TimeSpan.FromSeconds(10), _work.NextTry);

        _time.Now = _work.NextTry!.Value;
        _work.Due();
        _work.Due();
        Assert.Equal(["cwp1"], _deleted);
        Assert.Null(_work.NextTry);
    }

    [Fact]
    public void A_link_whose_deletion_failed_is_deleted_again()
    {
        var device = new Link { Name = Ownership.VxlanDevice, Kind = "vxlan" };
        _tracker.SetActual(device.Key, device);
        _work.Due();
        _work.DeletionFailed(new Delete(device), "busy");
        Assert.Contains("busy", Assert.Single(_work.Refusals));
        _work.Due();
        Assert.Single(_deleted);
        _time.Now = _work.NextTry!.Value;
        _work.Due();
        Assert.Equal(2, _deleted.Count);
    }

    [Fact]
    public void A_device_that_was_seen_gone_and_comes_again_is_deleted_again()
    {
        var device = new Link { Name = Ownership.VxlanDevice, Kind = "vxlan" };
        _tracker.SetActual(device.Key, device);
        _work.Due();
        // A capture found it gone, without news of it.
        _tracker.SetActual(device.Key, null);
        _work.ForgetGone();
        _tracker.SetActual(device.Key, device);
        _work.Due();
        Assert.Equal(2, _deleted.Count);
    }

    [Fact]
    public void A_device_that_no_plugin_makes_goes_at_once()
    {
        var device = new Link { Name = Ownership.VxlanDevice, Kind = "vxlan" };
        _tracker.SetActual(device.Key, device);
        _work.Due();
        Assert.Equal([Ownership.VxlanDevice], _deleted);
    }

    private sealed class StillTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
