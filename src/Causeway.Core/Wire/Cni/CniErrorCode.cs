namespace Causeway.Core.Wire.Cni;

/// <summary>Numbers of the CNI specification 1.1.0, section 5 "Error"; from 100 on they are this
/// plugin's.</summary>
public enum CniErrorCode
{
    None = 0,
    IncompatibleVersion = 1,
    UnsupportedField = 2,
    UnknownContainer = 3,
    InvalidEnvironment = 4,
    Io = 5,
    Decode = 6,
    InvalidConfiguration = 7,

    /// <summary>The runtime should call again: what hinders is expected to pass.</summary>
    TryAgainLater = 11,

    /// <summary>STATUS: no ADD can be served.</summary>
    NotAvailable = 50,

    /// <summary>STATUS: no ADD can be served, and pods that run may have lost connectivity.</summary>
    NotAvailableLimited = 51,

    /// <summary>No pool has a free address for this node.</summary>
    NoAddress = 100,

    /// <summary>The kernel refused a link, an address, a route or a setting.</summary>
    Kernel = 101,

    /// <summary>CHECK: what is there is not what ADD made.</summary>
    CheckFailed = 102,

    /// <summary>The agent could not do its part.</summary>
    Agent = 103,

    /// <summary>The pod was deleted while its ADD ran.</summary>
    Cancelled = 104,
}
