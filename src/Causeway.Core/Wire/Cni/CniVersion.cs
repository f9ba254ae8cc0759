using System.Collections.Immutable;

namespace Causeway.Core.Wire.Cni;

/// <summary>The versions of the CNI specification that are spoken, oldest first.</summary>
public static class CniVersion
{
    public const string Current = "1.1.0";

    /// <summary>The version that a configuration without <c>cniVersion</c> means.</summary>
    public const string Unstated = "0.1.0";

    public static readonly ImmutableArray<string> Supported = ["0.3.0", "0.3.1", "0.4.0", "1.0.0", Current];

    public static bool IsSupported(string version) => Supported.Contains(version);

    /// <summary>Whether a supported version is <paramref name="least"/> or later.</summary>
    public static bool AtLeast(string version, string least) =>
        Supported.IndexOf(version) >= Supported.IndexOf(least);

    /// <summary>Refuses a version that is not spoken, with the specification's code 1.</summary>
    public static void Require(string version)
    {
        if (IsSupported(version)) return;
        throw new CniException(
            CniErrorCode.IncompatibleVersion, "incompatible CNI versions",
            $"the configuration's cniVersion is '{version}'; supported are {string.Join(", ", Supported)}");
    }
}
