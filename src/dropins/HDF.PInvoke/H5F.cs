using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using herr_t = System.Int32;
using hid_t = System.Int64;
using hsize_t = System.UInt64;
using htri_t = System.Int32;
using ssize_t = System.IntPtr;

namespace HDF.PInvoke;

/// <summary>Files (H5Fpublic.h).</summary>
public static partial class H5F
{
    public const uint ACC_RDONLY = 0x0000u;
    public const uint ACC_RDWR = 0x0001u;
    public const uint ACC_TRUNC = 0x0002u;
    public const uint ACC_EXCL = 0x0004u;
    public const uint ACC_CREAT = 0x0010u;
    public const uint ACC_SWMR_WRITE = 0x0020u;
    public const uint ACC_SWMR_READ = 0x0040u;
    public const uint ACC_DEFAULT = 0xffffu;

    public const uint OBJ_FILE = 0x0001u;
    public const uint OBJ_DATASET = 0x0002u;
    public const uint OBJ_GROUP = 0x0004u;
    public const uint OBJ_DATATYPE = 0x0008u;
    public const uint OBJ_ATTR = 0x0010u;
    public const uint OBJ_ALL = 0x001Fu;
    public const uint OBJ_LOCAL = 0x0020u;

    public enum scope_t
    {
        LOCAL = 0,
        GLOBAL = 1,
    }

    public enum close_degree_t
    {
        DEFAULT = 0,
        WEAK = 1,
        SEMI = 2,
        STRONG = 3,
    }

    public enum libver_t
    {
        ERROR = -1,
        EARLIEST = 0,
        V18 = 1,
        V110 = 2,
        LATEST = 2,
        NBOUNDS,
    }

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Fclose"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial herr_t close(hid_t file_id);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Fcreate", StringMarshalling = StringMarshalling.Utf8), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial hid_t create(
        string filename, uint flags, hid_t create_plist = H5P.DEFAULT, hid_t access_plist = H5P.DEFAULT);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Fflush"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial herr_t flush(hid_t object_id, scope_t scope);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Fget_filesize"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial herr_t get_filesize(hid_t file_id, ref hsize_t size);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Fget_obj_count"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial ssize_t get_obj_count(hid_t file_id, uint types);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Fis_hdf5", StringMarshalling = StringMarshalling.Utf8), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial htri_t is_hdf5(string filename);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Fopen", StringMarshalling = StringMarshalling.Utf8), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial hid_t open(string filename, uint flags, hid_t plist = H5P.DEFAULT);
}
