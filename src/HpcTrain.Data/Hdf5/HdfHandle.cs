using HDF.PInvoke;

namespace HpcTrain.Data.Hdf5;

/// <summary>An open HDF5 identifier and the call that closes it. Use and dispose it with <see cref="Hdf.Gate"/> held.</summary>
internal readonly struct HdfHandle(long id, Func<long, int> close) : IDisposable
{
    private static readonly Func<long, int> CloseFileCall = H5F.close, CloseDatasetCall = H5D.close, CloseSpaceCall = H5S.close,
        CloseTypeCall = H5T.close, ClosePropertiesCall = H5P.close, CloseAttributeCall = H5A.close;

    public long Id => id;

    public static implicit operator long(HdfHandle handle) => handle.Id;

    public static HdfHandle File(long id, string action, string path) => new(Hdf.Check(id, action, path), CloseFileCall);
    public static HdfHandle Dataset(long id, string action, string path) => new(Hdf.Check(id, action, path), CloseDatasetCall);
    public static HdfHandle Space(long id, string action, string path) => new(Hdf.Check(id, action, path), CloseSpaceCall);
    public static HdfHandle Type(long id, string action, string path) => new(Hdf.Check(id, action, path), CloseTypeCall);
    public static HdfHandle Properties(long id, string action, string path) => new(Hdf.Check(id, action, path), ClosePropertiesCall);
    public static HdfHandle Attribute(long id, string action, string path) => new(Hdf.Check(id, action, path), CloseAttributeCall);

    /// <summary>Closes; a failure is reported, because HDF5 may write what it still holds only now.</summary>
    public void Close(string action, string path) => Hdf.Check(close(id), action, path);

    public void Dispose()
    {
        if (close is not null && id > 0)
            _ = close(id);
    }
}
