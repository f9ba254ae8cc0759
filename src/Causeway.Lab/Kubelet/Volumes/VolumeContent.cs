using System.Text;
using Causeway.Lab.Kubelet.Containers;
using Causeway.Lab.Objects;

namespace Causeway.Lab.Kubelet.Volumes;

/// <summary>One file of a volume.</summary>
/// <param name="Mode">Permission bits.</param>
public sealed record VolumeFile(byte[] Content, int Mode)
{
    public bool Equals(VolumeFile? other) =>
        other is not null && Mode == other.Mode && Content.AsSpan().SequenceEqual(other.Content);

    public override int GetHashCode() => HashCode.Combine(Mode, Content.Length);
}

/// <summary>What a volume should hold, by path; or why that cannot be said, in the kubelet's words.</summary>
public sealed record VolumePayload(IReadOnlyDictionary<string, VolumeFile> Files, string? Fault = null);

/// <summary>What the files of volumes are made of.</summary>
/// <param name="Token">A token for a projection; null when there is none (yet).</param>
public sealed record VolumeInputs(PodFacts Facts, ObjectLookup Objects, Func<TokenSource, string?> Token);

/// <summary>The files of the volumes that are made of objects: configMap, secret, downwardAPI and projected. Pure.</summary>
public static class VolumeContent
{
    /// <summary>The fault of a token that is not there.</summary>
    public const string NoToken = "failed to fetch token: there is none yet";

    private const int DefaultMode = 0b110_100_100;

    /// <summary>Whether the kubelet makes this volume's files, and keeps them up to date.</summary>
    public static bool IsMade(VolumeSpec volume) =>
        volume is { ConfigMap: not null } or { Secret: not null } or { DownwardAPI: not null } or { Projected: not null };

    public static VolumePayload Of(VolumeSpec volume, VolumeInputs inputs)
    {
        var build = new Build(inputs);
        if (volume.ConfigMap is { } map) build.Add(map, map.DefaultMode);
        else if (volume.Secret is { } secret)
            build.Add(new SecretSource(secret.SecretName, secret.Items, secret.Optional), secret.DefaultMode);
        else if (volume.DownwardAPI is { } downward) build.Add(downward, downward.DefaultMode);
        foreach (var source in volume.Projected?.Sources ?? [])
        {
            var mode = volume.Projected!.DefaultMode;
            if (source.ConfigMap is { } projectedMap) build.Add(projectedMap, mode);
            if (source.Secret is { } projectedSecret) build.Add(projectedSecret, mode);
            if (source.DownwardAPI is { } projectedDownward) build.Add(projectedDownward, mode);
            if (source.ServiceAccountToken is { } token) build.Add(token, mode);
        }
        return new(build.Files, build.Fault);
    }

    private sealed class Build(VolumeInputs inputs)
    {
        public SortedDictionary<string, VolumeFile> Files { get; } = new(StringComparer.Ordinal);

        /// <summary>The first one.</summary>
        public string? Fault { get; private set; }

        public void Add(ConfigMapSource source, int? mode)
        {
            var found = inputs.Objects.ConfigMap(source.Name);
            if (found is null && !source.Optional) Fail($"configmap \"{source.Name}\" not found");
            var data = new Dictionary<string, byte[]>(found?.BinaryData ?? new Dictionary<string, byte[]>());
            foreach (var (key, text) in found?.Data ?? new Dictionary<string, string>())
                data[key] = Encoding.UTF8.GetBytes(text);
            AddKeys(data, source.Items, source.Optional, mode, "configmap references non-existent config key");
        }

        public void Add(SecretSource source, int? mode)
        {
            var found = inputs.Objects.Secret(source.Name);
            if (found is null && !source.Optional) Fail($"secret \"{source.Name}\" not found");
            AddKeys(
                found?.Data ?? new Dictionary<string, byte[]>(), source.Items, source.Optional, mode,
                "references non-existent secret key");
        }

        public void Add(DownwardSource source, int? mode)
        {
            foreach (var item in source.Items ?? [])
            {
                if (item.FieldRef is not { } field) Fail($"{item.Path}: this lab knows fieldRef alone");
                else if (inputs.Facts.File(field.FieldPath) is { } text)
                    Put(item.Path, Encoding.UTF8.GetBytes(text), item.Mode ?? mode);
                else Fail($"unsupported fieldPath: {field.FieldPath}");
            }
        }

        public void Add(TokenSource source, int? mode)
        {
            if (inputs.Token(source) is { } token) Put(source.Path, Encoding.UTF8.GetBytes(token), mode);
            else Fail(NoToken);
        }

        private void AddKeys(
            IReadOnlyDictionary<string, byte[]> data, IReadOnlyList<KeyToPath>? items, bool optional, int? mode,
            string complaint)
        {
            if (items is not { Count: > 0 })
                foreach (var (key, content) in data) Put(key, content, mode);
            foreach (var item in items ?? [])
            {
                if (data.TryGetValue(item.Key, out var content)) Put(item.Path, content, item.Mode ?? mode);
                else if (!optional) Fail($"{complaint}: {item.Key}");
            }
        }

        private void Put(string path, byte[] content, int? mode)
        {
            var parts = path.Split('/');
            if (path.Length == 0 || parts.Any(p => p is "" or "." or "..") || parts[0].StartsWith("..", StringComparison.Ordinal))
                Fail($"invalid path: '{path}'");
            else Files[path] = new(content, mode ?? DefaultMode);
        }

        private void Fail(string fault) => Fault ??= fault;
    }
}
