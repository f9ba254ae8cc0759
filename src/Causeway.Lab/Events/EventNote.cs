using Causeway.Core.Cluster;

namespace Causeway.Lab.Events;

/// <summary>Something worth telling about an object.</summary>
/// <param name="Type"><see cref="Normal"/> or <see cref="Warning"/>.</param>
/// <param name="Message"><c>{name}</c> stands for the name that the API server gave to what was
/// written.</param>
public sealed record EventNote(ApiResource Resource, KubeObject About, string Type, string Reason,
    string Message)
{
    public const string Normal = "Normal";
    public const string Warning = "Warning";
}
