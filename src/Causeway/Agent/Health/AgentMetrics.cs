using System.Globalization;
using System.Text;

namespace Causeway.Agent.Health;

/// <summary>What the agent counts, in Prometheus text format. Fields are updated from any thread.</summary>
internal sealed class AgentMetrics
{
    private readonly SortedDictionary<string, Series> _series = new(StringComparer.Ordinal);

    public Series Operations { get; }
    public Series OperationErrors { get; }
    public Series Repairs { get; }
    public Series PendingOperations { get; }
    public Series ApplySeconds { get; }
    public Series Relists { get; }
    public Series WatchErrors { get; }
    public Series Endpoints { get; }
    public Series CniRequests { get; }
    public Series CniErrors { get; }
    public Series ServicePorts { get; }
    public Series ServiceSyncs { get; }
    public Series ServiceSyncSeconds { get; }
    public Series ServiceErrors { get; }

    public AgentMetrics()
    {
        Operations = Counter("causeway_kernel_operations_total", "Kernel operations applied.");
        OperationErrors = Counter("causeway_kernel_operation_errors_total", "Kernel operations that failed.");
        Repairs = Counter("causeway_repairs_total", "Entries that somebody else changed and the agent put right.");
        PendingOperations = Gauge("causeway_kernel_operations_pending", "Operations waiting for another try.");
        ApplySeconds = Counter("causeway_apply_seconds_total", "Time spent applying operations.");
        Relists = Counter("causeway_api_relists_total", "Full lists taken from the API server.");
        WatchErrors = Counter("causeway_api_watch_errors_total", "Watches that ended in an error.");
        Endpoints = Gauge("causeway_endpoints", "Pods connected on this node.");
        CniRequests = Counter("causeway_cni_requests_total", "Requests from the CNI plugin.");
        CniErrors = Counter("causeway_cni_errors_total", "Requests from the CNI plugin that failed.");
        ServicePorts = Gauge("causeway_service_ports", "Ports of services that are planned, each family by itself.");
        ServiceSyncs = Counter("causeway_service_syncs_total", "Times that services were brought to the kernel.");
        ServiceSyncSeconds = Counter("causeway_service_sync_seconds_total", "Time spent bringing services to the kernel.");
        ServiceErrors = Counter("causeway_service_sync_errors_total", "Times that the kernel refused services.");
    }

    public string Text()
    {
        var text = new StringBuilder();
        foreach (var (name, series) in _series)
        {
            text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {series.Help}\n# TYPE {name} {series.Type}\n")
                .Append(CultureInfo.InvariantCulture, $"{name} {series.Value}\n");
        }
        return text.ToString();
    }

    private Series Counter(string name, string help) => _series[name] = new Series("counter", help);

    private Series Gauge(string name, string help) => _series[name] = new Series("gauge", help);

    /// <summary>One number with its meaning.</summary>
    internal sealed class Series(string type, string help)
    {
        private double _value;

        public string Type { get; } = type;

        public string Help { get; } = help;

        public double Value => Volatile.Read(ref _value);

        public void Set(double value) => Volatile.Write(ref _value, value);

        public void Add(double amount = 1)
        {
            var before = Volatile.Read(ref _value);
            while (true)
            {
                var seen = Interlocked.CompareExchange(ref _value, before + amount, before);
                if (seen.Equals(before)) return;
                before = seen;
            }
        }
    }
}
