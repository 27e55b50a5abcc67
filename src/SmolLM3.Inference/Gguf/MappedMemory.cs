using System.IO.MemoryMappedFiles;

namespace SmolLM3.Inference.Gguf;

/// <summary>
/// A file mapped for reading: it is in memory once however many engines and processes read it, and pages come in as
/// they are touched. The file must not be shortened while mapped.
/// </summary>
internal sealed unsafe class MappedMemory : GgufMemory
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    public MappedMemory(FileStream file)
    {
        Length = file.Length;
        _file = MemoryMappedFile.CreateFromFile(
            file, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        try
        {
            _view = _file.CreateViewAccessor(0, Length, MemoryMappedFileAccess.Read);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    // DangerousGetHandle, not AcquirePointer: the count AcquirePointer takes would keep the finalizer of a file that
    // nobody disposed from ever unmapping it.
    public override byte* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(_view.SafeMemoryMappedViewHandle.IsClosed, typeof(GgufFile));
            return (byte*)_view.SafeMemoryMappedViewHandle.DangerousGetHandle();
        }
    }

    public override long Length { get; }

    public override void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }
}
