using System.Security.Cryptography;

namespace HpcTrain.Data;

/// <summary>SHA-256 of whole files, as lower-case hexadecimal.</summary>
internal static class FileHash
{
    /// <exception cref="DatasetException">The file cannot be read.</exception>
    public static string Sha256(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.SequentialScan);
            return Convert.ToHexStringLower(SHA256.HashData(stream));
        }
        catch (Exception e) when (DatasetException.IsIO(e))
        {
            throw DatasetException.FromIO("read", path, e);
        }
    }
}
