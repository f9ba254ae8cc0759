namespace Causeway.Core.Wire.Netlink;

/// <summary>Bytes that are no valid netlink message.</summary>
public sealed class NetlinkFormatException : FormatException
{
    public NetlinkFormatException(string message) : base(message) { }

    public NetlinkFormatException() { }

    public NetlinkFormatException(string message, Exception cause) : base(message, cause) { }
}

/// <summary>An entry names a device that the namespace does not have, so it cannot be written.</summary>
public sealed class UnknownDeviceException : Exception
{
    public UnknownDeviceException(string device) : base($"there is no device '{device}'") => Device = device;

    public UnknownDeviceException() { }

    public UnknownDeviceException(string message, Exception cause) : base(message, cause) { }

    public string Device { get; } = "";
}
