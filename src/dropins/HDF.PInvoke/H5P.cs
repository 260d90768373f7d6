using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using hbool_t = System.UInt32;
using herr_t = System.Int32;
using hid_t = System.Int64;
using hsize_t = System.UInt64;
using size_t = System.IntPtr;

namespace HDF.PInvoke;

/// <summary>Property lists (H5Ppublic.h).</summary>
public static partial class H5P
{
    public const hid_t DEFAULT = 0;

    public static hid_t FILE_CREATE => NativeLibraryResolver.Global("H5P_CLS_FILE_CREATE_ID_g");
    public static hid_t FILE_ACCESS => NativeLibraryResolver.Global("H5P_CLS_FILE_ACCESS_ID_g");
    public static hid_t DATASET_CREATE => NativeLibraryResolver.Global("H5P_CLS_DATASET_CREATE_ID_g");
    public static hid_t DATASET_ACCESS => NativeLibraryResolver.Global("H5P_CLS_DATASET_ACCESS_ID_g");
    public static hid_t DATASET_XFER => NativeLibraryResolver.Global("H5P_CLS_DATASET_XFER_ID_g");
    public static hid_t GROUP_CREATE => NativeLibraryResolver.Global("H5P_CLS_GROUP_CREATE_ID_g");
    public static hid_t LINK_CREATE => NativeLibraryResolver.Global("H5P_CLS_LINK_CREATE_ID_g");
    public static hid_t ATTRIBUTE_CREATE => NativeLibraryResolver.Global("H5P_CLS_ATTRIBUTE_CREATE_ID_g");

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Pclose"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial herr_t close(hid_t plist);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Pcreate"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial hid_t create(hid_t cls_id);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Pget_cache"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial herr_t get_cache(
        hid_t plist_id, ref int mdc_nelmts, ref size_t rdcc_nelmts, ref size_t rdcc_nbytes, ref double rdcc_w0);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Pget_chunk"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial int get_chunk(hid_t plist_id, int max_ndims, [In, Out] hsize_t[] dims);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Pget_chunk_cache"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial herr_t get_chunk_cache(
        hid_t dapl_id, ref size_t rdcc_nslots, ref size_t rdcc_nbytes, ref double rdcc_w0);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Pget_filter2"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial H5Z.filter_t get_filter(
        hid_t plist_id, uint idx, ref uint flags, ref size_t cd_nelmts, [In, Out] uint[] cd_values, size_t namelen, [In, Out] byte[] name, ref uint filter_config);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Pget_layout"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial H5D.layout_t get_layout(hid_t plist);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Pget_nfilters"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial int get_nfilters(hid_t plist);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Pset_alloc_time"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial herr_t set_alloc_time(hid_t plist_id, H5D.alloc_time_t alloc_time);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Pset_cache"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial herr_t set_cache(
        hid_t plist_id, int mdc_nelmts, size_t rdcc_nslots, size_t rdcc_nbytes, double rdcc_w0);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Pset_chunk"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial herr_t set_chunk(hid_t plist_id, int ndims, hsize_t[] dims);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Pset_chunk_cache"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial herr_t set_chunk_cache(hid_t dapl_id, size_t rdcc_nslots, size_t rdcc_nbytes, double rdcc_w0);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Pset_deflate"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial herr_t set_deflate(hid_t plist_id, uint level);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Pset_fclose_degree"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial herr_t set_fclose_degree(hid_t fapl_id, H5F.close_degree_t fc_degree);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Pset_fill_time"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial herr_t set_fill_time(hid_t plist_id, H5D.fill_time_t fill_time);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Pset_fletcher32"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial herr_t set_fletcher32(hid_t plist_id);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Pset_libver_bounds"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial herr_t set_libver_bounds(
        hid_t plist, H5F.libver_t low = H5F.libver_t.EARLIEST, H5F.libver_t high = H5F.libver_t.LATEST);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Pset_obj_track_times"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial herr_t set_obj_track_times(hid_t ocpl_id, hbool_t track_times);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Pset_shuffle"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial herr_t set_shuffle(hid_t plist_id);
}
