using System.Runtime.InteropServices;
using Causeway.Linux.Native;
using Microsoft.Win32.SafeHandles;

namespace Causeway.Linux.Processes;

/// <summary>
/// The descriptors of a child: opened, and moved above every number that the child uses, so that putting one
/// in its place never overwrites another that is still to be placed.
/// </summary>
internal sealed class ChildDescriptors : IDisposable
{
    private readonly SortedDictionary<int, SafeFileHandle> _sources = [];
    private readonly int _highest;

    public ChildDescriptors(ProcessStart start)
    {
        _highest = Math.Max(2, start.Descriptors.Keys.DefaultIfEmpty(2).Max());
        try
        {
            Add(0, start.Input);
            Add(1, start.Output);
            Add(2, start.Error);
            foreach (var (number, stream) in start.Descriptors)
            {
                if (number < 3) throw new ArgumentException($"descriptor {number} is a standard stream", nameof(start));
                Add(number, stream);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public unsafe void AddTo(byte* actions)
    {
        for (var number = 0; number <= _highest; number++)
        {
            var error = _sources.TryGetValue(number, out var source)
                ? Libc.ActionsDuplicate(actions, (int)source.DangerousGetHandle(), number)
                : Libc.ActionsClose(actions, number);
            SystemCallException.CheckCode(error, $"cannot pass descriptor {number} on");
        }
        SystemCallException.CheckCode(
            Libc.ActionsCloseFrom(actions, _highest + 1), "cannot close the other descriptors in a child");
    }

    public void Dispose()
    {
        foreach (var source in _sources.Values) source.Dispose();
        _sources.Clear();
    }

    private void Add(int number, ChildStream stream)
    {
        switch (stream)
        {
            case ChildStream.Inherited:
                // One that this process itself has closed stays closed in the child.
                if (Libc.Fcntl(number, Libc.DuplicateCloseOnExec, _highest + 1) is >= 0 and var own)
                    _sources[number] = new SafeFileHandle(own, ownsHandle: true);
                break;
            case ChildStream.Given given:
                _sources[number] = Raise(given.Handle, $"descriptor {number}");
                break;
            case ChildStream.Discarded:
                AddFile(number, "/dev/null", Libc.ReadWrite);
                break;
            case ChildStream.Named named:
                AddFile(number, named.Path, number == 0 ? 0 : Libc.WriteOnly | Libc.Create | Libc.Append);
                break;
        }
    }

    private void AddFile(int number, string path, int flags)
    {
        using var file = Libc.Open(path, flags | Libc.CloseOnExec, 0x1A4 /* 0644 */);
        if (file.IsInvalid) throw SystemCallException.FromLast($"cannot open '{path}'");
        _sources[number] = Raise(file, path);
    }

    private SafeFileHandle Raise(SafeHandle handle, string what)
    {
        var fd = Libc.Fcntl((int)handle.DangerousGetHandle(), Libc.DuplicateCloseOnExec, _highest + 1);
        SystemCallException.Check(fd, $"cannot pass {what} on");
        GC.KeepAlive(handle);
        return new SafeFileHandle(fd, ownsHandle: true);
    }
}
