'use strict'
require('organic-sessions-cell/cell').runCell({ root: __dirname })
