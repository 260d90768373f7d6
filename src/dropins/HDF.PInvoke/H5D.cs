using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using haddr_t = System.UInt64;
using herr_t = System.Int32;
using hid_t = System.Int64;
using hsize_t = System.UInt64;
using uint32_t = System.UInt32;

namespace HDF.PInvoke;

/// <summary>Datasets (H5Dpublic.h).</summary>
public static unsafe partial class H5D
{
    public const float CACHE_W0_DEFAULT = -1.0f;

    public enum layout_t
    {
        LAYOUT_ERROR = -1,
        COMPACT = 0,
        CONTIGUOUS = 1,
        CHUNKED = 2,
        VIRTUAL = 3,
        NLAYOUTS,
    }

    public enum alloc_time_t
    {
        ERROR = -1,
        DEFAULT = 0,
        EARLY = 1,
        LATE = 2,
        INCR = 3,
    }

    public enum fill_time_t
    {
        ERROR = -1,
        ALLOC = 0,
        NEVER = 1,
        IFSET = 2,
    }

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Dclose"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial herr_t close(hid_t dset_id);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Dcreate2", StringMarshalling = StringMarshalling.Utf8), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial hid_t create(
        hid_t loc_id, string name, hid_t type_id, hid_t space_id, hid_t lcpl_id = H5P.DEFAULT, hid_t dcpl_id = H5P.DEFAULT, hid_t dapl_id = H5P.DEFAULT);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Dflush"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial herr_t flush(hid_t dset_id);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Dget_access_plist"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial hid_t get_access_plist(hid_t dset_id);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Dget_chunk_info"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial herr_t get_chunk_info(
        hid_t dset_id, hid_t fspace_id, hsize_t index, hsize_t* offset, ref uint32_t filter_mask, ref haddr_t addr, ref hsize_t size);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Dget_chunk_info"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial herr_t get_chunk_info(
        hid_t dset_id, hid_t fspace_id, hsize_t index, [In, Out] hsize_t[] offset, ref uint32_t filter_mask, ref haddr_t addr, ref hsize_t size);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Dget_create_plist"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial hid_t get_create_plist(hid_t dset_id);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Dget_num_chunks"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial hid_t get_num_chunks(hid_t dset_id, hid_t fspace_id, ref hsize_t nchunks);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Dget_space"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial hid_t get_space(hid_t dset_id);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Dget_storage_size"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial hsize_t get_storage_size(hid_t dset_id);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Dget_type"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial hid_t get_type(hid_t dset_id);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Dopen2", StringMarshalling = StringMarshalling.Utf8), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial hid_t open(hid_t file_id, string name, hid_t dapl_id = H5P.DEFAULT);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Dread"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial herr_t read(
        hid_t dset_id, hid_t mem_type_id, hid_t mem_space_id, hid_t file_space_id, hid_t plist_id, IntPtr buf);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Dset_extent"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial herr_t set_extent(hid_t dset_id, hsize_t[] size);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Dset_extent"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial herr_t set_extent(hid_t dset_id, hsize_t* size);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Dwrite"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial herr_t write(
        hid_t dset_id, hid_t mem_type_id, hid_t mem_space_id, hid_t file_space_id, hid_t plist_id, IntPtr buf);
}
