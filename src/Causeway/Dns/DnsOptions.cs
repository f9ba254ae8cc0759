using Causeway.Core.Naming.NodeLocal;

namespace Causeway.Dns;

/// <summary>How the server is run.</summary>
/// <param name="Configuration">A Corefile; null: <paramref name="DefaultConfiguration"/>.</param>
/// <param name="Kubeconfig">Null: as the configuration says, else $KUBECONFIG, else the pod's service account.</param>
/// <param name="Port">In place of the configuration's port 53.</param>
/// <param name="Threads">For UDP.</param>
/// <param name="NodeLocal">The node's own cache; null: a cluster's server.</param>
internal sealed record DnsOptions(
    string? Configuration, string DefaultConfiguration, string? Kubeconfig, ushort? Port, int Threads,
    NodeLocalPlan? NodeLocal);
