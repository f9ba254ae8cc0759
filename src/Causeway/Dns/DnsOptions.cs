namespace Causeway.Dns;

/// <summary>How the server is run.</summary>
/// <param name="Configuration">A Corefile; null: the default.</param>
/// <param name="Kubeconfig">Null: as the configuration says, else $KUBECONFIG, else the pod's service account.</param>
/// <param name="Port">In place of the configuration's port 53.</param>
/// <param name="Threads">For UDP.</param>
internal sealed record DnsOptions(string? Configuration, string? Kubeconfig, ushort? Port, int Threads);
