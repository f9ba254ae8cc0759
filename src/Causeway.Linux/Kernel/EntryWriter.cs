using Causeway.Core.Dataplane;
using Causeway.Core.Wire.Netlink;
using Causeway.Linux.Native;

namespace Causeway.Linux.Kernel;

/// <summary>The one netlink message of an operation on anything but a link.</summary>
internal static class EntryWriter
{
    public static void Write(NetlinkWriter writer, Operation operation, DeviceNames names)
    {
        switch (operation)
        {
            case Upsert { Planned: LinkAddress address }:
                AddressCodec.WriteSet(writer, address, names);
                break;
            case Upsert { Planned: Route route }:
                RouteCodec.WriteSet(writer, route, names);
                break;
            case Upsert { Planned: Rule rule }:
                RuleCodec.WriteAdd(writer, rule);
                break;
            case Upsert { Planned: Neighbour neighbour }:
                NeighbourCodec.WriteSet(writer, neighbour, names);
                break;
            case Upsert { Planned: FdbEntry entry }:
                NeighbourCodec.WriteSet(writer, entry, names);
                break;
            case Delete { Observed: LinkAddress address }:
                AddressCodec.WriteDelete(writer, address, names);
                break;
            case Delete { Observed: Route route }:
                RouteCodec.WriteDelete(writer, route, names);
                break;
            case Delete { Observed: Rule rule }:
                RuleCodec.WriteDelete(writer, rule);
                break;
            case Delete { Observed: Neighbour neighbour }:
                NeighbourCodec.WriteDelete(writer, neighbour, names);
                break;
            case Delete { Observed: FdbEntry entry }:
                NeighbourCodec.WriteDelete(writer, entry, names);
                break;
            default:
                throw new ArgumentException($"no message for '{operation}'", nameof(operation));
        }
    }

    /// <summary>Whether an answer means that what was asked for is so: there already, or gone
    /// already.</summary>
    public static bool IsDone(Operation operation, int errno) => operation switch
    {
        Delete { Observed: LinkAddress } => errno is Errno.AddressNotAvailable,
        Delete => errno is Errno.NoProcess or Errno.NoEntry,
        Upsert { Planned: Rule or FdbEntry } => errno is Errno.Exists,
        _ => false,
    };

    public static bool MayBeStaleIndex(int errno) =>
        errno is Errno.NoDevice or Errno.NoSuchDeviceOrAddress or Errno.Invalid;
}
