namespace HDF.PInvoke;

public static class Constants
{
    public const string DLLFileName = "hdf5";
}
