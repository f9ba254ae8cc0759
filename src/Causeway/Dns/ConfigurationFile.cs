using System.Text;
using Causeway.Core;
using Causeway.Core.Naming.Configuration;

namespace Causeway.Dns;

/// <summary>The configuration where it lies, read again when it changes.</summary>
/// <param name="path">Null: the default text, which never changes.</param>
internal sealed class ConfigurationFile(string? path, string defaultText = DnsConfiguration.DefaultText)
{
    private string? _text;

    private string Name => path ?? "the default configuration";

    /// <summary>Throws <see cref="InputException"/> with every error when it cannot be used.</summary>
    public DnsConfiguration Read()
    {
        _text = Text();
        var (configuration, problems) = DnsConfiguration.Read(Name, _text, new(Environment.GetEnvironmentVariable, TryRead));
        return problems.IsEmpty ? configuration : throw new InputException(string.Join('\n', problems));
    }

    /// <summary>Whether the text is another than the one last read.</summary>
    public bool HasChanged()
    {
        try
        {
            return path is not null && Text() != _text;
        }
        catch (InputException)
        {
            // Away for a moment, as while a ConfigMap is exchanged.
            return false;
        }
    }

    private string Text()
    {
        if (path is null) return defaultText;
        try
        {
            return File.ReadAllText(path, Encoding.UTF8);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"the configuration {path} cannot be read: {e.Message}", e);
        }
    }

    private static string? TryRead(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
