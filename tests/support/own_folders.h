// Settings and saved state of a test program in a temporary folder: two that run side by side do not see each other's, and nobody's own are touched.
#pragma once

#include <QByteArray>
#include <QTemporaryDir>

namespace qs::test {

/// To be made before the application object, and to outlive it.
class OwnFolders {
public:
    OwnFolders()
    {
        for (const char* variable : {"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"})
            qputenv(variable, m_folder.path().toLocal8Bit());
    }

private:
    QTemporaryDir m_folder;
};

}  // namespace qs::test
