using System.ComponentModel;
using System.Runtime.InteropServices;

namespace HpcTrain.Kernels.Tests.Widths;

/// <summary>
/// Memory between two pages that cannot even be read, so that a kernel that looks one byte beyond its array ends the process. An
/// array either begins at the first readable byte or ends with the last.
/// </summary>
internal sealed unsafe partial class PagedArray : IDisposable
{
    private const int ReadWrite = 3, PrivateAnonymous = 0x22;
    private static readonly nint Page = Environment.SystemPageSize;
    private readonly nint _mapping;
    private readonly nint _readable;

    public PagedArray(int maxBytes)
    {
        _readable = (maxBytes + Page - 1) / Page * Page;
        _mapping = Map(0, (nuint)(_readable + 2 * Page), 0, PrivateAnonymous, -1, 0);
        if (_mapping == -1 || Protect(_mapping + Page, (nuint)_readable, ReadWrite) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    /// <summary>An array of this size directly behind the unreadable page before it.</summary>
    public byte* AtStart => (byte*)_mapping + Page;

    /// <summary>An array of this size directly before the unreadable page behind it.</summary>
    public byte* AtEnd(int bytes) => (byte*)_mapping + Page + _readable - bytes;

    public void Dispose() => _ = Unmap(_mapping, (nuint)(_readable + 2 * Page));

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(nint address, nuint length);
}
