using Causeway.Health;

namespace Causeway.Agent;

/// <summary>What the agent counts.</summary>
internal sealed class AgentMetrics
{
    private readonly MetricSet _set = new();

    public Metric Operations { get; }
    public Metric OperationErrors { get; }
    public Metric Repairs { get; }
    public Metric PendingOperations { get; }
    public Metric ApplySeconds { get; }
    public Metric Relists { get; }
    public Metric WatchErrors { get; }
    public Metric Endpoints { get; }
    public Metric CniRequests { get; }
    public Metric CniErrors { get; }
    public Metric ServicePorts { get; }
    public Metric ServiceSyncs { get; }
    public Metric ServiceSyncSeconds { get; }
    public Metric ServiceErrors { get; }

    public AgentMetrics()
    {
        Operations = _set.Counter("causeway_kernel_operations_total", "Kernel operations applied.");
        OperationErrors = _set.Counter("causeway_kernel_operation_errors_total", "Kernel operations that failed.");
        Repairs = _set.Counter("causeway_repairs_total", "Entries that somebody else changed and the agent put right.");
        PendingOperations = _set.Gauge("causeway_kernel_operations_pending", "Operations waiting for another try.");
        ApplySeconds = _set.Counter("causeway_apply_seconds_total", "Time spent applying operations.");
        Relists = _set.Counter("causeway_api_relists_total", "Full lists taken from the API server.");
        WatchErrors = _set.Counter("causeway_api_watch_errors_total", "Watches that ended in an error.");
        Endpoints = _set.Gauge("causeway_endpoints", "Pods connected on this node.");
        CniRequests = _set.Counter("causeway_cni_requests_total", "Requests from the CNI plugin.");
        CniErrors = _set.Counter("causeway_cni_errors_total", "Requests from the CNI plugin that failed.");
        ServicePorts = _set.Gauge("causeway_service_ports", "Ports of services that are planned, each family by itself.");
        ServiceSyncs = _set.Counter("causeway_service_syncs_total", "Times that services were brought to the kernel.");
        ServiceSyncSeconds = _set.Counter("causeway_service_sync_seconds_total", "Time spent bringing services to the kernel.");
        ServiceErrors = _set.Counter("causeway_service_sync_errors_total", "Times that the kernel refused services.");
    }

    public string Text() => _set.Text();
}
