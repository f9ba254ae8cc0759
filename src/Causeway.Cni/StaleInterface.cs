using Causeway.Core.Dataplane;
using Causeway.Core.Wire.Cni;
using Causeway.Core.Wire.Netlink;
using Causeway.Linux.Native;
using Causeway.Linux.Netlink;

namespace Causeway.Cni;

/// <summary>Takes away what an ADD that was cut short, or a deletion that is still under way, left
/// behind.</summary>
internal static class StaleInterface
{
    /// <summary>
    /// Removes the host device of this name, and the pod's interface if it is one of ours. Throws
    /// <see cref="CniException"/> when the pod has an interface of this name that somebody else made.
    /// </summary>
    public static void Remove(NetlinkSocket host, PodNamespace pod, string ifName, string hostDevice)
    {
        if (Find(host, hostDevice) is { } stale) Delete(host, stale.Index);
        using var inside = pod.Inside(NetlinkSocket.Open);
        if (Find(inside, ifName) is not { } taken) return;
        if (!IsOurs(host, taken))
            throw new CniException(
                CniErrorCode.Kernel, "the interface name is taken",
                $"{ifName} exists in {pod.Path} and is not one that causeway made");
        Delete(inside, taken.Index);
    }

    /// <summary>Removes the pod's interface if it is one of ours. False when there is none.</summary>
    public static bool RemoveFromPod(NetlinkSocket host, PodNamespace pod, string ifName)
    {
        using var inside = pod.Inside(NetlinkSocket.Open);
        if (Find(inside, ifName) is not { } found || !IsOurs(host, found)) return false;
        Delete(inside, found.Index);
        return true;
    }

    public static Link? Find(NetlinkSocket socket, string name)
    {
        try
        {
            return socket.Ask(
                $"cannot find device {name}", writer => LinkCodec.WriteGet(writer, name),
                static payload => LinkCodec.Read(payload, new DeviceNames()));
        }
        catch (NetlinkException e) when (e.Errno == Errno.NoDevice)
        {
            return null;
        }
    }

    /// <summary>Whether the other end of a pod's veth is a host device of ours, or has just gone.</summary>
    public static bool IsOurs(NetlinkSocket host, Link podEnd)
    {
        if (podEnd.Kind != "veth" || podEnd.PeerIndex is not { } peer) return false;
        var names = new DeviceNames();
        var other = host.Dump(
                "cannot list the node's devices", LinkCodec.WriteDump,
                payload => LinkCodec.Read(payload, names))
            .Find(link => link.Index == peer);
        return other is { Kind: "veth" } && Ownership.IsOurDevice(other.Name);
    }

    private static void Delete(NetlinkSocket socket, int index)
    {
        try
        {
            socket.Execute("cannot delete a stale device", writer => LinkCodec.WriteDelete(writer, index));
        }
        catch (NetlinkException e) when (e.Errno == Errno.NoDevice)
        {
            // Whoever else was deleting it has finished.
        }
    }
}
