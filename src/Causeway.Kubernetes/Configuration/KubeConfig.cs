using System.Security.Cryptography.X509Certificates;
using System.Text;
using Causeway.Core;

namespace Causeway.Kubernetes.Configuration;

/// <summary>
/// Reads kubeconfig files (<c>kind: Config</c>, <c>apiVersion: v1</c>). Several files merge as kubectl merges
/// them: the first to name a cluster, a user, a context or the current context wins. Relative paths are
/// relative to their own file. Everything wrong throws <see cref="InputException"/> with file, line and
/// field.
/// </summary>
public sealed class KubeConfig
{
    private readonly Dictionary<string, YamlField> _clusters = new(StringComparer.Ordinal);
    private readonly Dictionary<string, YamlField> _users = new(StringComparer.Ordinal);
    private readonly Dictionary<string, YamlField> _contexts = new(StringComparer.Ordinal);
    private readonly string _source;

    private KubeConfig(string source) => _source = source;

    public string? CurrentContext { get; private set; }

    public IReadOnlyCollection<string> Contexts => _contexts.Keys;

    public static KubeConfig Load(params IReadOnlyList<string> files)
    {
        List<(string Text, string File)> texts = [];
        foreach (var file in files)
        {
            try
            {
                texts.Add((File.ReadAllText(file), file));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new InputException($"kubeconfig {file}: {e.Message}", e);
            }
        }
        return Parse(texts);
    }

    /// <param name="file">Named in errors; relative paths are relative to its directory.</param>
    public static KubeConfig Parse(string text, string file) => Parse([(text, file)]);

    private static KubeConfig Parse(IReadOnlyList<(string Text, string File)> texts)
    {
        var config = new KubeConfig(string.Join(':', texts.Select(t => t.File)));
        foreach (var (text, file) in texts)
        {
            var root = YamlField.Read(text, file);
            if (root.Text("kind") is { } kind && kind != "Config")
                throw root.Need("kind").Error($"'{kind}' is not a kubeconfig; 'Config' is expected");
            Gather(root, "clusters", "cluster", config._clusters);
            Gather(root, "users", "user", config._users);
            Gather(root, "contexts", "context", config._contexts);
            config.CurrentContext ??= root.Text("current-context");
        }
        return config;
    }

    /// <param name="context">Null takes the current context.</param>
    /// <param name="exec">Runs credential plugins; without one, a user that needs a plugin is
    /// refused.</param>
    public KubeAccess Access(string? context = null, RunExecPlugin? exec = null)
    {
        var name = context ?? CurrentContext
            ?? throw new InputException(
                $"kubeconfig {_source}: 'current-context' is not set and no context was named");
        var entry = Find(_contexts, name, "context");
        var clusterName = entry.Need("cluster");
        var cluster = Find(_clusters, clusterName.Scalar(), "cluster", clusterName);
        var user = entry.Child("user") is { } userName
            ? Find(_users, userName.Scalar(), "user", userName)
            : null;
        if (cluster.Child("proxy-url") is { } proxy)
            throw proxy.Error("proxies are not supported; give a server that is reachable directly");
        var authorities = Material(cluster, "certificate-authority") is { } ca
            ? Certificates.Bundle(ca.Read(), ca.Where)
            : null;
        var skip = cluster.Flag("insecure-skip-tls-verify");
        if (skip && authorities is not null)
            throw cluster.Error("'insecure-skip-tls-verify' and a certificate authority exclude each other");
        return new KubeAccess
        {
            Server = Server(cluster.Need("server")),
            Authorities = authorities,
            SkipTlsVerify = skip,
            TlsServerName = cluster.Text("tls-server-name"),
            ClientCertificate = user is null ? null : ClientCertificate(user),
            Credential = user is null ? Credential.None : CredentialOf(user, exec),
            Namespace = entry.Text("namespace"),
            Source = $"{_source}, context {name}",
        };
    }

    private static void Gather(YamlField root, string list, string body, Dictionary<string, YamlField> into)
    {
        foreach (var item in root.Items(list)) into.TryAdd(item.Need("name").Scalar(), item.Need(body));
    }

    private YamlField Find(
        Dictionary<string, YamlField> among, string name, string what, YamlField? asked = null)
    {
        if (among.TryGetValue(name, out var found)) return found;
        var known = among.Count == 0
            ? "there is none"
            : "there are: " + string.Join(", ", among.Keys.Order());
        var message = $"no {what} is named '{name}'; {known}";
        throw asked?.Error(message) ?? new InputException($"kubeconfig {_source}: {message}");
    }

    private static Uri Server(YamlField field)
    {
        var text = field.Scalar();
        if (!text.Contains("://", StringComparison.Ordinal)) text = "https://" + text;
        return Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? uri
            : throw field.Error($"'{field.Scalar()}' is not an http or https address");
    }

    private static Credential CredentialOf(YamlField user, RunExecPlugin? run)
    {
        if (user.Child("auth-provider") is { } provider)
            throw provider.Error("auth providers are gone from Kubernetes since 1.26; use a token or 'exec'");
        if (user.Text("tokenFile") is { } file) return Credential.TokenFile(Beside(user, file));
        if (user.Text("token") is { } token) return Credential.Token(token);
        if (user.Text("username") is { } name) return Credential.Basic(name, user.Text("password") ?? "");
        if (user.Child("exec") is not { } exec) return Credential.None;
        var plugin = Plugin(exec);
        return run is null
            ? throw exec.Error("this user needs a credential plugin, and none can be run here")
            : ExecCredentials.Of(plugin, run);
    }

    private static ExecPlugin Plugin(YamlField exec)
    {
        var command = exec.Need("command").Scalar();
        // As kubectl does: a command with a slash that is not absolute stands beside the kubeconfig.
        if (command.Contains('/')) command = Beside(exec, command);
        var version = exec.Text("apiVersion") ?? throw exec.Error("'apiVersion' is missing");
        if (version is not ("client.authentication.k8s.io/v1" or "client.authentication.k8s.io/v1beta1"))
            throw exec.Need("apiVersion").Error($"'{version}' is not a known version of the plugin protocol");
        return new(
            command,
            [.. exec.Items("args").Select(a => a.Scalar())],
            [.. exec.Items("env").Select(e =>
                KeyValuePair.Create(e.Need("name").Scalar(), e.Text("value") ?? ""))],
            version,
            exec.Text("installHint"));
    }

    private static Func<X509Certificate2?>? ClientCertificate(YamlField user)
    {
        if (Material(user, "client-certificate") is not { } certificate) return null;
        var key = Material(user, "client-key")
            ?? throw user.Error(
                "'client-certificate' is there, but neither 'client-key' nor 'client-key-data' is");
        var pair = Certificates.Pair(certificate.Read(), key.Read(), certificate.Where);
        if (certificate.Fixed && key.Fixed) return () => pair;
        return () => Certificates.Pair(certificate.Read(), key.Read(), certificate.Where);
    }

    /// <summary><c>NAME-data</c> (base64) before <c>NAME</c> (a path), as the API defines it.</summary>
    private static Material? Material(YamlField parent, string name)
    {
        if (parent.Text(name + "-data") is { } data)
        {
            var field = parent.Need(name + "-data");
            try
            {
                var text = Encoding.UTF8.GetString(Convert.FromBase64String(data));
                return new(() => text, $"{field.File}: {field.Path}", Fixed: true);
            }
            catch (FormatException)
            {
                throw field.Error("is not base64");
            }
        }
        if (parent.Text(name) is not { } path) return null;
        var at = parent.Need(name);
        var full = Beside(parent, path);
        return new(() => ReadFile(full, at), full, Fixed: false);
    }

    private static string ReadFile(string path, YamlField at)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw at.Error(e.Message);
        }
    }

    private static string Beside(YamlField field, string path) =>
        Path.GetFullPath(path, Path.GetDirectoryName(Path.GetFullPath(field.File)) ?? "/");
}

/// <param name="Read">Gives the PEM text; from a file, what it holds now.</param>
/// <param name="Where">For messages.</param>
/// <param name="Fixed">The text cannot change.</param>
internal sealed record Material(Func<string> Read, string Where, bool Fixed);
